// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.libopt.Checkpoint;
import org.libopt.DType;
import org.libopt.Group;
import org.libopt.Lent;
import org.libopt.Library;
import org.libopt.LoadOptions;
import org.libopt.Names;
import org.libopt.OptException;
import org.libopt.Optimizer;
import org.libopt.Rule;
import org.libopt.SaveOptions;
import org.libopt.Status;
import org.libopt.Tensor;
import org.libopt.TensorSpec;

/** The program that ../README.md asks of a language: it retains buffers and lends arrays. */
final class Compare {
  private final int[] counts;
  private final int total;
  private final int steps;
  private final float[] numbers; // the parameters, then the gradients of each step

  private Compare(Path file) throws IOException {
    ByteBuffer data = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.nativeOrder());
    counts = new int[(int) data.getLong()];
    steps = (int) data.getLong();
    int sum = 0;
    for (int i = 0; i < counts.length; ++i) {
      counts[i] = (int) data.getLong();
      sum += counts[i];
    }
    total = sum;
    numbers = new float[total * (1 + steps)];
    data.asFloatBuffer().get(numbers);
  }

  /** Where a tensor's numbers of a step begin; step -1: its parameters. */
  private int begin(long step, int index) {
    int begin = (int) (step + 1) * total;
    for (int i = 0; i < index; ++i) {
      begin += counts[i];
    }
    return begin;
  }

  private void fill(long step, int index, ByteBuffer buffer, boolean wide) {
    int begin = begin(step, index);
    for (int j = 0; j < counts[index]; ++j) {
      if (wide) {
        buffer.putDouble(j * Double.BYTES, numbers[begin + j]);
      } else {
        buffer.putFloat(j * Float.BYTES, numbers[begin + j]);
      }
    }
  }

  private void replay(Path directory) throws IOException {
    for (Rule rule : Library.rules()) {
      for (Rule.Preset preset : rule.presets()) {
        replay(directory, rule.name(), preset.name(), DType.F32);
        replay(directory, rule.name(), preset.name(), DType.F64);
      }
    }
  }

  private void replay(Path directory, String rule, String preset, DType dtype) throws IOException {
    List<ByteBuffer> params = new ArrayList<>();
    List<ByteBuffer> grads = new ArrayList<>();
    List<TensorSpec> specs = new ArrayList<>();
    boolean wide = dtype == DType.F64;
    for (int i = 0; i < counts.length; ++i) {
      params.add(direct(counts[i] * dtype.bytes()));
      grads.add(direct(counts[i] * dtype.bytes()));
      fill(-1, i, params.get(i), wide);
      specs.add(TensorSpec.of(null, dtype, params.get(i), grads.get(i)));
    }
    try (Optimizer optimizer = Optimizer.create(rule)) {
      optimizer.allGroups().setPreset(preset);
      optimizer.attach(specs);
      for (int step = 0; step < steps; ++step) {
        for (int i = 0; i < counts.length; ++i) {
          fill(step, i, grads.get(i), wide);
        }
        optimizer.step();
      }
    }
    ByteBuffer all = ByteBuffer.allocate(total * dtype.bytes());
    params.forEach(all::put);
    Files.write(directory.resolve(rule + "-" + preset + (wide ? "-f64" : "-f32")), all.array());
  }

  private static ByteBuffer direct(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
  }

  private void relay(String from, Path to, long first, long legs, String rule) {
    boolean fresh = from.equals("-");
    long end = first + legs;
    try (Optimizer optimizer = Optimizer.create(rule)) {
      Group second = optimizer.addGroup();
      if (fresh) {
        second.set(Names.LR, 0.01);
      }
      Lent[] lent = new Lent[counts.length];
      Object[] grads = new Object[counts.length];
      for (int i = 0; i < counts.length; ++i) {
        TensorSpec spec =
            TensorSpec.lent("Größe." + i, i % 2 == 0 ? DType.F32 : DType.F64, counts[i])
                .shape(counts[i] % 2 == 0 ? 2 : 1, counts[i] % 2 == 0 ? counts[i] / 2 : counts[i])
                .group(i % 2 == 0 ? optimizer.groups().get(0) : second);
        Tensor tensor = optimizer.attach(spec);
        if (i % 2 == 0) {
          float[] param = new float[counts[i]];
          float[] grad = new float[counts[i]];
          System.arraycopy(numbers, begin(-1, i), param, 0, counts[i]);
          grads[i] = grad;
          lent[i] = Lent.of(tensor, param, grad);
        } else {
          double[] param = new double[counts[i]];
          double[] grad = new double[counts[i]];
          for (int j = 0; j < counts[i]; ++j) {
            param[j] = numbers[begin(-1, i) + j];
          }
          grads[i] = grad;
          lent[i] = Lent.of(tensor, param, grad);
        }
      }
      if (!fresh) {
        try (Checkpoint checkpoint = Checkpoint.open(Path.of(from))) {
          if (checkpoint.readLongs("step")[0] != first) {
            throw new IllegalStateException(from + ": made after another step");
          }
        }
        optimizer.load(Path.of(from), new LoadOptions().params(true).lent(lent));
      }
      for (long step = first; step < end; ++step) {
        for (int i = 0; i < counts.length; ++i) {
          for (int j = 0; j < counts[i]; ++j) {
            float number = numbers[begin(step, i) + j];
            if (i % 2 == 0) {
              ((float[]) grads[i])[j] = number;
            } else {
              ((double[]) grads[i])[j] = number;
            }
          }
        }
        optimizer.step(lent);
      }
      optimizer.save(to, new SaveOptions().params(true).lent(lent).entry("step", end));
    }
  }

  private static void slots(Path file) throws IOException {
    List<String> lines = new ArrayList<>();
    for (Rule rule : Library.rules()) {
      try (Optimizer optimizer = Optimizer.create(rule.name())) {
        Tensor tensor = optimizer.attach(TensorSpec.lent("w", DType.F32, 3000).shape(2, 3, 500));
        for (Rule.Slot slot : rule.slots()) {
          if (slot.whenOption() == null) {
            slot(rule, slot, tensor, lines);
          }
        }
      }
    }
    Files.write(file, lines);
  }

  private static void slot(Rule rule, Rule.Slot slot, Tensor tensor, List<String> lines) {
    DType dtype = slot.dtype() == null ? DType.F32 : slot.dtype();
    try {
      int elements = tensor.state(slot.name()).remaining() / dtype.bytes();
      String shape = slot.shape().name().replace("_", "");
      String line =
          String.join(" ", rule.name(), slot.name(), shape, dtype.name(), "" + elements);
      lines.add(line.toLowerCase(Locale.ROOT));
    } catch (OptException e) {
      if (e.status() != Status.NAME) { // another tensor may have the slot
        throw e;
      }
    }
  }

  public static void main(String[] args) throws IOException {
    Compare input = new Compare(Path.of(args[1]));
    if (args[0].equals("replay")) {
      input.replay(Path.of(args[2]));
    } else if (args[0].equals("slots")) {
      slots(Path.of(args[2]));
    } else {
      input.relay(
          args[2], Path.of(args[3]), Long.parseLong(args[4]), Long.parseLong(args[5]), args[6]);
    }
  }
}
