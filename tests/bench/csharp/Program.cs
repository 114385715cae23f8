// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The cost of a step of a tensor of one element in C#, next to the same step in
// C and to a bare P/Invoke, in turns in one process.
//   Calls [--quick]

using System;
using System.Diagnostics;
using System.Runtime.InteropServices;
using LibOpt;

internal static unsafe class Program
{
    [DllImport("bench_steps")]
    private static extern void bench_steps(int count);

    [DllImport("bench_steps")]
    private static extern int bench_nothing(IntPtr argument);

    private static int Main(string[] args)
    {
        bool quick = args.Length > 0;
        int calls = quick ? 100 : 20000;
        int rounds = quick ? 2 : 300;
        float[] param = new float[1];
        float[] grad = new float[1];
        using (Context context = new Context(1))
        using (Optimizer retained = new Optimizer(new Sgd(), context))
        using (Optimizer lent = new Optimizer(new Sgd(), context))
        {
            retained.Attach("w", param, grad);
            Tensor tensor = lent.Attach("w", 1);
            StepOptions options = new StepOptions { ZeroGrads = true };
            Lent[] loan = { new Lent(tensor, param, grad) };
            Action<int>[] contestants =
            {
                bench_steps,
                n => Repeat(n, () => bench_nothing(IntPtr.Zero)),
                n => Repeat(n, () => retained.Step()),
                n => Repeat(n, () => retained.Step(options)),
                n => Repeat(n, () => lent.Step(tensor, param, grad)),
                n => Repeat(n, () => lent.Step(loan)),
                n => Repeat(n, () => { }),
            };
            double[] best = new double[contestants.Length];
            Array.Fill(best, double.MaxValue);
            for (int round = 0; round < rounds; ++round)
            {
                for (int i = 0; i < best.Length; ++i)
                {
                    long start = Stopwatch.GetTimestamp();
                    contestants[i](calls);
                    long ticks = Stopwatch.GetTimestamp() - start;
                    best[i] = Math.Min(best[i], ticks * 1e9 / Stopwatch.Frequency / calls);
                }
            }

            // The loop and its lambda are no part of a call.
            double loop = best[6];
            Console.WriteLine("A step of one element, sgd, fastest round, nanoseconds");
            Console.WriteLine($"opt_step in C                  {best[0],7:F1}");
            Console.WriteLine($"a bare P/Invoke                {best[1] - loop,7:F1}");
            string[] names =
            {
                "Step()", "Step(options)", "Step(tensor, span, span)", "Step(Lent[])",
            };
            for (int i = 0; i < names.Length; ++i)
            {
                double cost = best[i + 2] - loop;
                Console.WriteLine(
                    $"{names[i],-30} {cost,7:F1}   above C {cost - best[0],7:F1}" +
                    (i == 0 ? "   (guide: 100)" : string.Empty));
            }
        }

        Console.WriteLine("ok 1 - every call of C# is measured\n1..1");
        return 0;
    }

    private static void Repeat(int count, Action call)
    {
        for (int i = 0; i < count; ++i)
        {
            call();
        }
    }
}
