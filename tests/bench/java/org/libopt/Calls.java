// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

package org.libopt;

import java.util.Locale;

/** The cost of a call: steps of gd over few elements, in turns with C's and a bare call of JNI. */
final class Calls {
  private static final int CALLS = 200_000;
  private static final int ROUNDS = 25;

  private Calls() {}

  private static native void bare(long handle);

  private static native int steps(long count);

  /** The fastest round of each, in nanoseconds a call; the first rounds warm up. */
  private static double[] race(Runnable... contestants) {
    double[] best = new double[contestants.length];
    for (int round = 0; round < ROUNDS; ++round) {
      for (int i = 0; i < contestants.length; ++i) {
        long start = System.nanoTime();
        contestants[i].run();
        double time = (double) (System.nanoTime() - start) / CALLS;
        best[i] = round == 0 ? time : Math.min(best[i], time);
      }
    }
    return best;
  }

  private static Runnable times(Runnable call) {
    return () -> {
      for (int i = 0; i < CALLS; ++i) {
        call.run();
      }
    };
  }

  private static void large(long count) {
    float[] param = new float[(int) count];
    float[] grad = new float[(int) count];
    try (Optimizer optimizer = AdamW.builder().build()) {
      Tensor w = optimizer.attach(TensorSpec.lent("w", DType.F32, count));
      double[] best = new double[2];
      for (int i = 0; i < 2; ++i) {
        Lent lent = Lent.of(w, param, grad);
        optimizer.pinLimit(i == 0 ? Long.MAX_VALUE : 0);
        best[i] = Double.MAX_VALUE;
        for (int round = 0; round < 20; ++round) {
          long start = System.nanoTime();
          optimizer.step(lent);
          best[i] = Math.min(best[i], (System.nanoTime() - start) / 1e3);
        }
      }
      System.out.printf(
          Locale.ROOT,
          "adamw, float[%d]: pinned for %.0f us, copied %.2f times as long%n",
          count, best[0], best[1] / best[0]);
    }
  }

  public static void main(String[] args) {
    System.load(args[0]);
    float[] param = new float[1];
    float[] grad = new float[1];
    try (Optimizer direct = Gd.builder().build();
        Optimizer lending = Gd.builder().build()) {
      direct.attach(TensorSpec.of("w", Buffers.floats(1), Buffers.floats(1)));
      Tensor w = lending.attach(TensorSpec.lent("w", DType.F32, 1));
      Lent lent = Lent.of(w, param, grad);
      double[] ns =
          race(
              () -> {
                if (steps(CALLS) != 0) {
                  throw new IllegalStateException("C's steps failed");
                }
              },
              times(() -> bare(1)),
              times(direct::step),
              times(() -> lending.step(lent)));
      String format =
          "C's step %.0f ns, a bare call of JNI %.0f ns;%n"
              + "above C: step() %.0f ns, step(Lent) with arrays %.0f ns%n";
      System.out.printf(
          Locale.ROOT, format, ns[0], ns[1], ns[2] - ns[0], ns[3] - ns[0]);
    }
    large(1 << 20);
    large(1 << 23);
  }
}
