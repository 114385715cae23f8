// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

using System;
using System.Reflection;
using System.Threading;
using LibOpt;
using Xunit;

public class ThreadTests
{
    // Either the step came first, and closing waited for it, or it found the
    // optimizer closed or being closed; the buffers hold whole steps.
    [Fact]
    public void ClosingWaitsForAStep()
    {
        for (int round = 0; round < 20; ++round)
        {
            float[] param = new float[200000];
            float[] grad = new float[param.Length];
            Array.Fill(grad, 1);
            Optimizer optimizer = new Optimizer(new Sgd { Lr = 1 });
            optimizer.Attach("w", param, grad);
            int steps = 0;
            Exception error = null;
            using (ManualResetEventSlim started = new ManualResetEventSlim())
            {
                Thread thread = new Thread(() =>
                {
                    try
                    {
                        for (;;)
                        {
                            optimizer.Step();
                            ++steps;
                            started.Set();
                        }
                    }
                    catch (Exception caught)
                    {
                        error = caught;
                    }
                });
                thread.Start();
                started.Wait();
                optimizer.Dispose();
                float[] closed = (float[])param.Clone();
                thread.Join();
                Assert.Equal(closed, param);
            }

            Assert.True(error is ObjectDisposedException || error is OptBusyException, error.ToString());
            Assert.True(Array.TrueForAll(param, value => value == -steps), "half a step");
        }
    }

    [Fact]
    public void TwoThreadsAtOnceAreAnErrorNotACrash()
    {
        float[] param = new float[100000];
        float[] grad = new float[param.Length];
        int made = 0;
        Exception unexpected = null;
        using (Optimizer optimizer = new Optimizer(new Adam()))
        {
            Tensor tensor = optimizer.Attach("w", param, grad);
            Thread[] threads = new Thread[4];
            for (int i = 0; i < threads.Length; ++i)
            {
                bool lends = i % 2 == 0;
                threads[i] = new Thread(() =>
                {
                    for (int step = 0; step < 50; ++step)
                    {
                        try
                        {
                            if (lends)
                            {
                                optimizer.Step(tensor, param, grad);
                            }
                            else
                            {
                                optimizer.Step();
                            }

                            Interlocked.Increment(ref made);
                        }
                        catch (OptBusyException)
                        {
                        }
                        catch (Exception error)
                        {
                            unexpected = error;
                        }
                    }
                });
            }

            Array.ForEach(threads, thread => thread.Start());
            Array.ForEach(threads, thread => thread.Join());
            Assert.Null(unexpected);
            Assert.Equal(made, tensor.Step);
        }
    }

    // Copying state reads the library's memory under the optimizer's lock; what
    // frees such memory takes it too.
    [Fact]
    public void CallsThatFreeStateWaitForThoseThatCopyIt()
    {
        using (Optimizer optimizer = new Optimizer(new Adam()))
        {
            optimizer.Attach("w", 1);
            byte[] saved = optimizer.SaveToBytes();
            object handle = Hidden(optimizer, "Handle");
            object gate = Hidden(handle, "Gate");
            AssertWaits(gate, () => optimizer.Load(saved));
            AssertWaits(gate, () => optimizer.StartAverage());
            AssertWaits(gate, () => optimizer.StopAverage());
        }
    }

    [Fact]
    public void ThreadsDoNotChangeTheResult()
    {
        float[] one = Train(1);
        Assert.Equal(one, Train(4));
        Assert.Equal(one, Train(Context.AllCores));
    }

    private static object Hidden(object owner, string property) =>
        owner.GetType().GetProperty(property, BindingFlags.NonPublic | BindingFlags.Instance).GetValue(owner);

    private static void AssertWaits(object gate, Action call)
    {
        Thread thread = new Thread(() => call());
        lock (gate)
        {
            thread.Start();
            SpinWait.SpinUntil(
                () => !thread.IsAlive || (thread.ThreadState & ThreadState.WaitSleepJoin) != 0);
            Assert.True(thread.IsAlive, "it did not wait");
        }

        thread.Join();
    }

    private static float[] Train(int threads)
    {
        float[] param = new float[100003];
        float[] grad = new float[param.Length];
        for (int i = 0; i < grad.Length; ++i)
        {
            grad[i] = (float)Math.Sin(i);
        }

        using (Context context = new Context(threads))
        using (Optimizer optimizer = new Optimizer(new AdamW(), context))
        {
            optimizer.Attach("w", param, grad);
            optimizer.Step();
            optimizer.Step();
        }

        return param;
    }
}
