// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

import java.io.DataInputStream;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Random;
import java.util.zip.GZIPInputStream;
import org.libopt.AdamW;
import org.libopt.Buffers;
import org.libopt.CosineSchedule;
import org.libopt.GradientWork;
import org.libopt.Names;
import org.libopt.Optimizer;
import org.libopt.Schedule;
import org.libopt.StepOptions;
import org.libopt.TensorSpec;

/** Softmax regression on Fashion-MNIST: java -cp libopt.jar Softmax.java [folder of the data]. */
final class Softmax {
  private static final int PIXELS = 28 * 28;
  private static final int CLASSES = 10;
  private static final int BATCH = 100;
  private static final int EPOCHS = 4;

  private final FloatBuffer weight = Buffers.floats(CLASSES * PIXELS);
  private final FloatBuffer bias = Buffers.floats(CLASSES);
  private final FloatBuffer weightGrad = Buffers.floats(CLASSES * PIXELS);
  private final FloatBuffer biasGrad = Buffers.floats(CLASSES);

  /** The bytes of an idx file, without its header of that many numbers. */
  private static byte[] read(Path file, int header) throws IOException {
    try (DataInputStream in =
        new DataInputStream(new GZIPInputStream(new FileInputStream(file.toFile())))) {
      in.skipBytes(4 * header);
      return in.readAllBytes();
    }
  }

  /** Probabilities of the classes of one image. */
  private void predict(byte[] images, int image, float[] probabilities) {
    float max = Float.NEGATIVE_INFINITY;
    for (int c = 0; c < CLASSES; ++c) {
      float sum = bias.get(c);
      for (int p = 0; p < PIXELS; ++p) {
        sum += weight.get(c * PIXELS + p) * pixel(images, image, p);
      }
      probabilities[c] = sum;
      max = Math.max(max, sum);
    }
    float total = 0;
    for (int c = 0; c < CLASSES; ++c) {
      probabilities[c] = (float) Math.exp(probabilities[c] - max);
      total += probabilities[c];
    }
    for (int c = 0; c < CLASSES; ++c) {
      probabilities[c] /= total;
    }
  }

  private static float pixel(byte[] images, int image, int p) {
    return (images[image * PIXELS + p] & 0xff) / 255f;
  }

  /** Adds the gradients of the mean cross entropy of a batch. */
  private void addGradients(byte[] images, byte[] labels, int[] order, int first) {
    float[] error = new float[CLASSES];
    for (int i = first; i < first + BATCH; ++i) {
      int image = order[i];
      predict(images, image, error);
      error[labels[image]] -= 1;
      for (int c = 0; c < CLASSES; ++c) {
        float scaled = error[c] / BATCH;
        biasGrad.put(c, biasGrad.get(c) + scaled);
        for (int p = 0; p < PIXELS; ++p) {
          int at = c * PIXELS + p;
          weightGrad.put(at, weightGrad.get(at) + scaled * pixel(images, image, p));
        }
      }
    }
  }

  private double accuracy(byte[] images, byte[] labels) {
    float[] probabilities = new float[CLASSES];
    int right = 0;
    for (int i = 0; i < labels.length; ++i) {
      predict(images, i, probabilities);
      int best = 0;
      for (int c = 1; c < CLASSES; ++c) {
        best = probabilities[c] > probabilities[best] ? c : best;
      }
      right += best == labels[i] ? 1 : 0;
    }
    return 100.0 * right / labels.length;
  }

  public static void main(String[] args) throws IOException {
    Path data = Path.of(args.length > 0 ? args[0] : "/usr/share/datasets/fashion-mnist");
    byte[] images = read(data.resolve("train-images-idx3-ubyte.gz"), 4);
    byte[] labels = read(data.resolve("train-labels-idx1-ubyte.gz"), 2);
    byte[] testImages = read(data.resolve("t10k-images-idx3-ubyte.gz"), 4);
    byte[] testLabels = read(data.resolve("t10k-labels-idx1-ubyte.gz"), 2);

    int[] order = new int[labels.length];
    for (int i = 0; i < order.length; ++i) {
      order[i] = i;
    }
    Random random = new Random(1);
    int steps = EPOCHS * order.length / BATCH;

    Softmax model = new Softmax();
    try (Optimizer optimizer = AdamW.builder().lr(3e-3).weightDecay(0.01).build();
        Schedule cosine = new CosineSchedule().tMax(steps)) {
      optimizer.allGroups().setSchedule(Names.LR, cosine);
      optimizer.attach(
          TensorSpec.of("weight", model.weight, model.weightGrad).shape(CLASSES, PIXELS));
      optimizer
          .attach(TensorSpec.of("bias", model.bias, model.biasGrad))
          .set(Names.TENSOR_WEIGHT_DECAY_FACTOR, 0);
      StepOptions step =
          new StepOptions().zeroGrads(true).work(new GradientWork().maxNorm(1));
      for (int epoch = 0; epoch < EPOCHS; ++epoch) {
        for (int i = order.length - 1; i > 0; --i) {
          int other = random.nextInt(i + 1);
          int swapped = order[i];
          order[i] = order[other];
          order[other] = swapped;
        }
        for (int first = 0; first + BATCH <= order.length; first += BATCH) {
          model.addGradients(images, labels, order, first);
          optimizer.step(step);
        }
      }
    }
    System.out.printf(
        Locale.ROOT, "test accuracy: %.1f %%%n", model.accuracy(testImages, testLabels));
  }
}
