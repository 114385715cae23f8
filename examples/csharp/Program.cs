// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Softmax regression on Fashion-MNIST in C#: one layer of weights, trained with
// AdamW on mini-batches, the rate falling along a cosine.
//   Softmax [directory of the four idx files, gzip'ed]

using System;
using System.Globalization;
using System.IO;
using System.IO.Compression;
using LibOpt;

internal sealed class DataSet
{
    internal const int Pixels = 784;

    internal DataSet(string directory, string name)
    {
        Images = ReadIdx(Path.Combine(directory, name + "-images-idx3-ubyte.gz"), 16);
        Labels = ReadIdx(Path.Combine(directory, name + "-labels-idx1-ubyte.gz"), 8);
        if (Images.Length != Labels.Length * Pixels)
        {
            throw new InvalidDataException(directory + ": images and labels differ");
        }
    }

    internal byte[] Images { get; }

    internal byte[] Labels { get; }

    // The bytes of an idx file after its header.
    private static byte[] ReadIdx(string path, int header)
    {
        using (GZipStream file = new GZipStream(File.OpenRead(path), CompressionMode.Decompress))
        using (MemoryStream bytes = new MemoryStream())
        {
            file.CopyTo(bytes);
            return bytes.ToArray().AsSpan(header).ToArray();
        }
    }
}

// Logits w x + b; w is stored pixel by pixel.
internal sealed class Model
{
    private const int Classes = 10;
    private readonly float[] output = new float[Classes];

    internal float[] Weight { get; } = new float[DataSet.Pixels * Classes];

    internal float[] WeightGrad { get; } = new float[DataSet.Pixels * Classes];

    internal float[] Bias { get; } = new float[Classes];

    internal float[] BiasGrad { get; } = new float[Classes];

    // Adds the gradients of one sample's cross-entropy.
    internal void AddGradients(ReadOnlySpan<byte> pixels, byte label)
    {
        float[] dz = Probabilities(pixels);
        dz[label] -= 1;
        for (int c = 0; c < Classes; ++c)
        {
            BiasGrad[c] += dz[c];
        }

        for (int i = 0; i < pixels.Length; ++i)
        {
            float x = pixels[i] / 255f;
            for (int c = 0; x != 0 && c < Classes; ++c)
            {
                WeightGrad[(i * Classes) + c] += dz[c] * x;
            }
        }
    }

    // The share of images that are classified correctly.
    internal double Accuracy(DataSet data)
    {
        int right = 0;
        for (int i = 0; i < data.Labels.Length; ++i)
        {
            float[] p = Probabilities(data.Images.AsSpan(i * DataSet.Pixels, DataSet.Pixels));
            int best = 0;
            for (int c = 1; c < Classes; ++c)
            {
                best = p[c] > p[best] ? c : best;
            }

            right += best == data.Labels[i] ? 1 : 0;
        }

        return (double)right / data.Labels.Length;
    }

    private float[] Probabilities(ReadOnlySpan<byte> pixels)
    {
        Bias.CopyTo(output, 0);
        for (int i = 0; i < pixels.Length; ++i)
        {
            float x = pixels[i] / 255f;
            for (int c = 0; x != 0 && c < Classes; ++c)
            {
                output[c] += Weight[(i * Classes) + c] * x;
            }
        }

        float max = float.NegativeInfinity;
        float sum = 0;
        Array.ForEach(output, z => max = Math.Max(max, z));
        for (int c = 0; c < Classes; ++c)
        {
            sum += output[c] = (float)Math.Exp(output[c] - max);
        }

        for (int c = 0; c < Classes; ++c)
        {
            output[c] /= sum;
        }

        return output;
    }
}

internal static class Program
{
    private const int Batch = 128;
    private const int Epochs = 2;

    private static int Main(string[] args)
    {
        string directory = args.Length > 0 ? args[0] : "/usr/share/datasets/fashion-mnist";
        try
        {
            Model model = new Model();
            Train(new DataSet(directory, "train"), model);
            double accuracy = model.Accuracy(new DataSet(directory, "t10k"));
            Console.WriteLine(
                "test accuracy: " + (100 * accuracy).ToString("F1", CultureInfo.InvariantCulture) + " %");
            return 0;
        }
        catch (Exception error)
        {
            Console.Error.WriteLine("Softmax: " + error.Message);
            return 1;
        }
    }

    private static void Train(DataSet data, Model model)
    {
        int batches = (data.Labels.Length + Batch - 1) / Batch;
        using (Schedule cosine = new CosineSchedule { TMax = Epochs * batches })
        using (Optimizer optimizer = new Optimizer(new AdamW { Lr = 4e-3 }))
        {
            optimizer.AllGroups.SetSchedule(OptionNames.Lr, cosine);
            Group biases = optimizer.AddGroup(new AdamW { WeightDecay = 0 });
            optimizer.Attach("weight", model.Weight, model.WeightGrad, new long[] { DataSet.Pixels, 10 });
            optimizer.Attach("bias", model.Bias, model.BiasGrad, null, biases);

            int[] order = new int[data.Labels.Length];
            for (int i = 0; i < order.Length; ++i)
            {
                order[i] = i;
            }

            Random random = new Random(1);
            for (int epoch = 0; epoch < Epochs; ++epoch)
            {
                for (int i = order.Length - 1; i > 0; --i)
                {
                    int j = random.Next(i + 1);
                    (order[i], order[j]) = (order[j], order[i]);
                }

                for (int begin = 0; begin < order.Length; begin += Batch)
                {
                    int end = Math.Min(begin + Batch, order.Length);
                    for (int i = begin; i < end; ++i)
                    {
                        model.AddGradients(
                            data.Images.AsSpan(order[i] * DataSet.Pixels, DataSet.Pixels), data.Labels[order[i]]);
                    }

                    // The gradients are sums over the batch: the step takes their mean.
                    optimizer.Accumulate(end - begin, new AccumulateOptions { ZeroGrads = true });
                    optimizer.Step();
                }
            }
        }
    }
}
