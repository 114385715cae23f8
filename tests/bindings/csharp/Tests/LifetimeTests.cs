// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

using System;
using System.Buffers;
using System.Runtime.CompilerServices;
using System.Threading;
using LibOpt;
using Xunit;

public class LifetimeTests
{
    private const int Count = 1000;

    // The buffers are known to nobody but the optimizer while the collector
    // moves all that it can.
    [Fact]
    public void AttachedBuffersSurviveTheCollector()
    {
        using (Optimizer optimizer = new Optimizer(new Sgd { Lr = 1 }))
        {
            for (int i = 0; i < 50; ++i)
            {
                AttachNew(optimizer, i);
            }

            for (int round = 0; round < 10; ++round)
            {
                Collect();
                Litter();
                optimizer.Step();
            }

            using (Checkpoint saved = Checkpoint.Open(optimizer.SaveToBytes(new SaveOptions { Params = true })))
            {
                for (int i = 0; i < 50; ++i)
                {
                    float[] values = saved.Read<float>(i.ToString());
                    Assert.True(Array.TrueForAll(values, value => value == i - 10), "tensor " + i);
                }
            }
        }
    }

    [Fact]
    public void BuffersAreUnpinnedByDetachBindAndDispose()
    {
        CountedMemory<float> first = new CountedMemory<float>(2);
        CountedMemory<float> second = new CountedMemory<float>(2);
        CountedMemory<float> third = new CountedMemory<float>(2);
        Optimizer optimizer = new Optimizer(new Sgd());
        Tensor tensor = optimizer.Attach("w", first.Memory, second.Memory);
        Assert.Equal(1, first.Pins);
        Assert.Equal(1, second.Pins);
        tensor.Bind(third.Memory);
        Assert.Equal(0, first.Pins + second.Pins);
        Assert.Equal(1, third.Pins);
        tensor.Detach();
        Assert.Equal(0, third.Pins);
        optimizer.Attach("w", first.Memory, second.Memory);
        optimizer.Dispose();
        Assert.Equal(0, first.Pins + second.Pins + third.Pins);
    }

    // Another thread's step may be writing to them until there is no optimizer.
    [Fact]
    public void DisposeLetsBuffersGoWhenTheOptimizerIsNoMore()
    {
        CountedMemory<float> memory = new CountedMemory<float>(2);
        Optimizer optimizer = new Optimizer(new Sgd());
        optimizer.Attach("w", memory.Memory);
        Exception found = null;
        memory.OnUnpin = () =>
        {
            try
            {
                optimizer.Step();
            }
            catch (Exception error)
            {
                found = error;
            }
        };
        optimizer.Dispose();
        Assert.True(found is ObjectDisposedException, "the optimizer was still there");
    }

    [Fact]
    public void BytesOfACheckpointArePinnedUntilItIsClosed()
    {
        using (Optimizer optimizer = new Optimizer(new Sgd()))
        {
            byte[] saved = optimizer.SaveToBytes();
            CountedMemory<byte> memory = new CountedMemory<byte>(saved.Length);
            saved.CopyTo(memory.GetSpan());
            using (Checkpoint.Open(memory.Memory))
            {
                Assert.Equal(1, memory.Pins);
            }

            Assert.Equal(0, memory.Pins);
            optimizer.Load(memory.Memory);
            Assert.Equal(0, memory.Pins);
            memory.GetSpan().Clear();
            Assert.Throws<OptCheckpointException>(() => Checkpoint.Open(memory.Memory));
            Assert.Equal(0, memory.Pins);
        }
    }

    [Fact]
    public void FailedCallsUnpin()
    {
        CountedMemory<float> memory = new CountedMemory<float>(2);
        using (Optimizer optimizer = new Optimizer(new Sgd()))
        {
            Tensor tensor = optimizer.Attach("w", new float[2], new float[2]);
            Assert.Throws<OptArgumentException>(() => optimizer.Attach("w", memory.Memory));
            Assert.Throws<OptArgumentException>(() => tensor.Bind(memory.Memory, memory.Memory));
            Assert.Throws<OptArgumentException>(() => optimizer.Step(new Lent(tensor, memory.Memory, memory.Memory)));
            Assert.Equal(0, memory.Pins);
            optimizer.Step(Lent.Gradient(tensor, memory.Memory));
            Assert.Equal(0, memory.Pins);
        }
    }

    [Fact]
    public void ArraysAreKeptWhileAttachedAndFreedAfterwards()
    {
        WeakReference[] arrays = new WeakReference[2];
        Optimizer optimizer = new Optimizer(new Sgd());
        Thread thread = new Thread(() =>
        {
            arrays[0] = new WeakReference(new float[Count]);
            arrays[1] = new WeakReference(new float[Count]);
            optimizer.Attach("w", (float[])arrays[0].Target, (float[])arrays[1].Target);
        });
        thread.Start();
        thread.Join();
        Collect();
        Assert.True(arrays[0].IsAlive && arrays[1].IsAlive);
        optimizer.Dispose();
        for (int i = 0; i < 100 && (arrays[0].IsAlive || arrays[1].IsAlive); ++i)
        {
            Collect();
        }

        Assert.False(arrays[0].IsAlive || arrays[1].IsAlive);
    }

    // The safety net: an optimizer that nobody closed.
    [Fact]
    public void AForgottenOptimizerLetsItsBuffersGo()
    {
        CountedMemory<float> memory = new CountedMemory<float>(2);
        Thread thread = new Thread(() => Forget(memory));
        thread.Start();
        thread.Join();
        for (int i = 0; i < 100 && memory.Pins > 0; ++i)
        {
            Collect();
        }

        Assert.Equal(0, memory.Pins);
    }

    [Fact]
    public void AnOptimizerIsNotCollectedDuringItsStep()
    {
        float[] param = new float[100000];
        float[] grad = new float[param.Length];
        Array.Fill(grad, 1);
        Thread collector = new Thread(() =>
        {
            for (int i = 0; i < 20; ++i)
            {
                Collect();
            }
        });
        collector.Start();
        int steps = 0;
        while (collector.IsAlive)
        {
            StepOnce(param, grad);
            ++steps;
        }

        Assert.True(Array.TrueForAll(param, value => value == -steps), "some element differs");
    }

    internal static void Collect()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, true, true);
        GC.WaitForPendingFinalizers();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void AttachNew(Optimizer optimizer, int i)
    {
        float[] param = new float[Count];
        float[] grad = new float[Count];
        Array.Fill(param, i);
        Array.Fill(grad, 1);
        optimizer.Attach(i.ToString(), param, grad);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Litter()
    {
        for (int i = 0; i < 1000; ++i)
        {
            Array.Fill(new float[Count], float.NaN);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Forget(CountedMemory<float> memory)
    {
        new Optimizer(new Sgd()).Attach("w", memory.Memory);
        Assert.Equal(1, memory.Pins);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void StepOnce(float[] param, float[] grad)
    {
        Optimizer optimizer = new Optimizer(new Sgd { Lr = 1 });
        optimizer.Attach("w", param, grad);
        optimizer.Step();
    }

    // Memory that counts how often it is pinned.
    private sealed class CountedMemory<T> : MemoryManager<T>
        where T : struct
    {
        private readonly T[] array;
        private int pins;

        internal CountedMemory(int count)
        {
            array = new T[count];
        }

        internal Action OnUnpin { get; set; } = () => { };

        public int Pins => Volatile.Read(ref pins);

        public override Span<T> GetSpan() => array;

        public override MemoryHandle Pin(int elementIndex = 0)
        {
            Interlocked.Increment(ref pins);
            MemoryHandle inner = array.AsMemory(elementIndex).Pin();
            unsafe
            {
                return new MemoryHandle(inner.Pointer, default, this);
            }
        }

        public override void Unpin()
        {
            Interlocked.Decrement(ref pins);
            OnUnpin();
        }

        protected override void Dispose(bool disposing)
        {
        }
    }
}
