// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

using System;
using System.IO;
using System.Runtime.InteropServices;
using LibOpt;

// The program that tests/bindings/README.md asks of a language: replay and relay.
internal static class Program
{
    private static int Main(string[] args)
    {
        try
        {
            if (args.Length == 3 && args[0] == "replay")
            {
                Replay.Run(new Input(args[1]), args[2]);
                return 0;
            }

            if (args.Length == 3 && args[0] == "slots")
            {
                Slots.Write(args[2]);
                return 0;
            }

            if (args.Length == 7 && args[0] == "relay")
            {
                Relay.Run(
                    new Input(args[1]), args[2], args[3], long.Parse(args[4]), long.Parse(args[5]), args[6]);
                return 0;
            }
        }
        catch (Exception error)
        {
            Console.Error.WriteLine(error);
            return 1;
        }

        Console.Error.WriteLine(
            "usage: replay <input> <directory> | slots <input> <file> | relay <input> <from> <to> <first step> <steps> <rule>");
        return 2;
    }
}

// The slots of every rule.
internal static class Slots
{
    internal static void Write(string path)
    {
        using (StreamWriter file = new StreamWriter(path) { NewLine = "\n" })
        {
            foreach (Rule rule in Library.Rules)
            {
                using (Optimizer optimizer = new Optimizer(rule.Name))
                {
                    Tensor tensor = optimizer.Attach("w", 3000, DType.F32, new long[] { 2, 3, 500 });
                    foreach (Slot slot in rule.Slots)
                    {
                        if (slot.WhenOption == null)
                        {
                            Write(rule, slot, tensor, file);
                        }
                    }
                }
            }
        }
    }

    private static void Write(Rule rule, Slot slot, Tensor tensor, StreamWriter file)
    {
        DType type = slot.DType ?? DType.F32;
        try
        {
            int elements = type == DType.F64
                ? tensor.ViewState<double>(slot.Name).Length
                : tensor.ViewState<float>(slot.Name).Length;
            string line = string.Join(" ", rule.Name, slot.Name, slot.Shape, type, elements);
            file.WriteLine(line.ToLowerInvariant());
        }
        catch (OptArgumentException error) when (error.Status == Status.Name)
        {
            // Another tensor may have the slot.
        }
    }
}

// The input that every language gets.
internal sealed class Input
{
    private readonly byte[] data;

    internal Input(string path)
    {
        data = File.ReadAllBytes(path);
        Counts = new int[BitConverter.ToInt64(data, 0)];
        Steps = BitConverter.ToInt64(data, 8);
        for (int i = 0; i < Counts.Length; ++i)
        {
            Counts[i] = (int)BitConverter.ToInt64(data, 16 + (8 * i));
            Total += Counts[i];
        }
    }

    internal int[] Counts { get; }

    internal long Steps { get; }

    private int Total { get; }

    // The gradients of a tensor at a step; step -1: its initial parameters.
    internal ReadOnlySpan<float> Numbers(long step, int index)
    {
        long start = (step + 1) * Total;
        for (int i = 0; i < index; ++i)
        {
            start += Counts[i];
        }

        int offset = 16 + (8 * Counts.Length) + (int)(4 * start);
        return MemoryMarshal.Cast<byte, float>(data.AsSpan(offset, 4 * Counts[index]));
    }

    internal void CopyTo(float[] buffer, long step, int index) => Numbers(step, index).CopyTo(buffer);

    internal void CopyTo(double[] buffer, long step, int index)
    {
        ReadOnlySpan<float> numbers = Numbers(step, index);
        for (int i = 0; i < buffer.Length; ++i)
        {
            buffer[i] = numbers[i];
        }
    }
}

// Retained buffers.
internal static class Replay
{
    internal static void Run(Input input, string directory)
    {
        foreach (Rule rule in Library.Rules)
        {
            foreach (Preset preset in rule.Presets)
            {
                string path = Path.Combine(directory, rule.Name + "-" + preset.Name);
                using (Optimizer optimizer = Make(rule, preset))
                {
                    File.WriteAllBytes(path + "-f32", Floats(input, optimizer));
                }

                using (Optimizer optimizer = Make(rule, preset))
                {
                    File.WriteAllBytes(path + "-f64", Doubles(input, optimizer));
                }
            }
        }
    }

    private static Optimizer Make(Rule rule, Preset preset)
    {
        Optimizer optimizer = new Optimizer(rule.Name);
        optimizer.AllGroups.SetPreset(preset.Name);
        return optimizer;
    }

    private static byte[] Floats(Input input, Optimizer optimizer)
    {
        float[][] param = new float[input.Counts.Length][];
        float[][] grad = new float[input.Counts.Length][];
        for (int i = 0; i < param.Length; ++i)
        {
            input.CopyTo(param[i] = new float[input.Counts[i]], -1, i);
            optimizer.Attach(null, param[i], grad[i] = new float[input.Counts[i]]);
        }

        for (long step = 0; step < input.Steps; ++step)
        {
            for (int i = 0; i < grad.Length; ++i)
            {
                input.CopyTo(grad[i], step, i);
            }

            optimizer.Step();
        }

        return Bytes(param);
    }

    private static byte[] Doubles(Input input, Optimizer optimizer)
    {
        double[][] param = new double[input.Counts.Length][];
        double[][] grad = new double[input.Counts.Length][];
        for (int i = 0; i < param.Length; ++i)
        {
            input.CopyTo(param[i] = new double[input.Counts[i]], -1, i);
            optimizer.Attach(null, param[i], grad[i] = new double[input.Counts[i]]);
        }

        for (long step = 0; step < input.Steps; ++step)
        {
            for (int i = 0; i < grad.Length; ++i)
            {
                input.CopyTo(grad[i], step, i);
            }

            optimizer.Step();
        }

        return Bytes(param);
    }

    private static byte[] Bytes<T>(T[][] arrays)
        where T : struct
    {
        MemoryStream stream = new MemoryStream();
        foreach (T[] array in arrays)
        {
            byte[] bytes = MemoryMarshal.AsBytes(array.AsSpan()).ToArray();
            stream.Write(bytes, 0, bytes.Length);
        }

        return stream.ToArray();
    }
}

// Lent buffers: of even tensors f32, of odd ones f64.
internal static class Relay
{
    internal static void Run(Input input, string from, string to, long first, long steps, string rule)
    {
        bool fresh = from == "-";
        int count = input.Counts.Length;
        Array[] param = new Array[count];
        Array[] grad = new Array[count];
        Lent[] lent = new Lent[count];
        using (Optimizer optimizer = new Optimizer(rule))
        {
            Group second = optimizer.AddGroup();
            if (fresh)
            {
                second.Lr = 0.01;
            }

            for (int i = 0; i < count; ++i)
            {
                param[i] = NewArray(input, i);
                grad[i] = NewArray(input, i);
                Copy(input, param[i], -1, i);
                Tensor tensor = optimizer.Attach(
                    "Größe." + i,
                    input.Counts[i],
                    i % 2 == 0 ? DType.F32 : DType.F64,
                    ShapeOf(input.Counts[i]),
                    optimizer.Groups[i % 2]);
                lent[i] = i % 2 == 0
                    ? new Lent(tensor, (float[])param[i], (float[])grad[i])
                    : new Lent(tensor, (double[])param[i], (double[])grad[i]);
            }

            if (!fresh)
            {
                CheckStep(from, first);
                optimizer.Load(from, new LoadOptions { Params = true, Lent = lent });
            }

            for (long step = first; step < first + steps; ++step)
            {
                for (int i = 0; i < count; ++i)
                {
                    Copy(input, grad[i], step, i);
                }

                optimizer.Step(lent);
            }

            optimizer.Save(
                to, new SaveOptions { Params = true, Lent = lent, Entries = { ["step"] = first + steps } });
        }
    }

    private static long[] ShapeOf(int count) =>
        count % 2 == 0 ? new long[] { 2, count / 2 } : new long[] { 1, count };

    private static Array NewArray(Input input, int i) =>
        i % 2 == 0 ? (Array)new float[input.Counts[i]] : new double[input.Counts[i]];

    private static void Copy(Input input, Array to, long step, int index)
    {
        if (to is float[] floats)
        {
            input.CopyTo(floats, step, index);
        }
        else
        {
            input.CopyTo((double[])to, step, index);
        }
    }

    private static void CheckStep(string path, long expected)
    {
        using (Checkpoint checkpoint = Checkpoint.Open(path))
        {
            if (checkpoint.Read<long>("step")[0] != expected)
            {
                throw new InvalidDataException(path + ": made after another step");
            }
        }
    }
}
