// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

using System;
using LibOpt;
using Xunit;

public class AttachTests
{
    [Fact]
    public void ArraysAreSteppedInPlace()
    {
        float[] param = { 1, 2, 3 };
        float[] grad = { 1, 0, -1 };
        using (Optimizer optimizer = new Optimizer(new Sgd { Lr = 0.5 }))
        {
            optimizer.Attach("w", param, grad);
            optimizer.Step();
        }

        Assert.Equal(new[] { 0.5f, 2, 3.5f }, param);
    }

    [Fact]
    public void MemoryOfPartOfAnArrayIsSteppedInPlace()
    {
        double[] all = { 1, 2, 3, 4, 1, 1 };
        using (Optimizer optimizer = new Optimizer(new Sgd { Lr = 1 }))
        {
            optimizer.Attach("w", all.AsMemory(1, 2), all.AsMemory(4, 2));
            optimizer.Step();
        }

        Assert.Equal(new double[] { 1, 1, 2, 4, 1, 1 }, all);
    }

    [Fact]
    public unsafe void UnmanagedMemoryIsSteppedInPlace()
    {
        float* memory = stackalloc float[4];
        memory[0] = memory[1] = memory[2] = memory[3] = 1;
        using (Optimizer optimizer = new Optimizer(new Sgd { Lr = 0.25 }))
        {
            optimizer.Attach("w", new TensorBuffer(memory, 2), new TensorBuffer((IntPtr)(memory + 2), 2, DType.F32));
            optimizer.Step();
        }

        Assert.Equal(new[] { 0.75f, 0.75f }, new[] { memory[0], memory[1] });
    }

    [Fact]
    public void GradientsMayBeOfAnotherType()
    {
        float[] param = { 1 };
        using (Optimizer optimizer = new Optimizer(new Sgd { Lr = 1 }))
        {
            Tensor tensor = optimizer.Attach("w", param, new[] { 0.5 });
            optimizer.Step();
            Assert.Equal(DType.F64, tensor.GradDType);
        }

        Assert.Equal(new[] { 0.5f }, param);
    }

    [Fact]
    public void ATensorTellsWhatItIs()
    {
        using (Optimizer optimizer = new Optimizer(new Adam()))
        {
            Group group = optimizer.AddGroup();
            Tensor tensor = optimizer.Attach(
                "Größe", new float[6], new float[6], new long[] { 2, 3 }, group);
            Assert.Equal("Größe", tensor.Name);
            Assert.Equal(6, tensor.Count);
            Assert.Equal(new long[] { 2, 3 }, tensor.Shape);
            Assert.True(ReferenceEquals(group, tensor.Group));
            Assert.True(ReferenceEquals(tensor, optimizer.FindTensor("Größe")));
            Assert.Equal(0, tensor.Step);
            optimizer.Step();
            Assert.Equal(1, tensor.Step);
            tensor.Step = 41;
            optimizer.Step();
            Assert.Equal(42, tensor.Step);
        }
    }

    [Fact]
    public void SeveralTensorsAreAttachedOrNone()
    {
        using (Optimizer optimizer = new Optimizer(new Sgd()))
        {
            Assert.Throws<OptArgumentException>(() => optimizer.Attach(
                new TensorSpec("a", new float[1]), new TensorSpec("a", new float[1])));
            Assert.Equal(0, optimizer.Tensors.Count);
            Assert.Equal(0, optimizer.Info.TensorCount);
            Tensor[] tensors = optimizer.Attach(
                new TensorSpec("a", new float[1]), new TensorSpec("b", new double[2]));
            Assert.Equal("b", tensors[1].Name);
            Assert.Equal(2, optimizer.Tensors.Count);
            Assert.Equal(3, optimizer.Info.ParamCount);
        }
    }

    [Fact]
    public void BoundBuffersTakeOver()
    {
        float[] first = { 1 };
        float[] second = { 1 };
        using (Optimizer optimizer = new Optimizer(new Sgd { Lr = 1 }))
        {
            Tensor tensor = optimizer.Attach("w", first, new float[] { 1 });
            tensor.Bind(second, new float[] { 3 });
            optimizer.Step();
        }

        Assert.Equal(new float[] { 1 }, first);
        Assert.Equal(new float[] { -2 }, second);
    }

    [Fact]
    public void ADetachedTensorIsLeftAlone()
    {
        float[] param = { 1 };
        using (Optimizer optimizer = new Optimizer(new Sgd { Lr = 1 }))
        {
            Tensor tensor = optimizer.Attach("w", param, new float[] { 1 });
            tensor.Detach();
            optimizer.Step();
            Assert.True(tensor.IsDetached);
            OptStateException error = Assert.Throws<OptStateException>(() => tensor.Detach());
            Assert.Contains("'w' was detached", error.Message);
            Assert.Throws<OptStateException>(() => tensor.GetState<float>("momentum_buffer"));
            Assert.Equal(0, optimizer.Tensors.Count);
        }

        Assert.Equal(new float[] { 1 }, param);
    }

    [Fact]
    public void ATensorWithoutElementsIsATensor()
    {
        using (Optimizer optimizer = new Optimizer(new Adam()))
        {
            Tensor tensor = optimizer.Attach("none", new float[0], new float[0]);
            optimizer.Step();
            Assert.Equal(0, tensor.Count);
        }
    }
}
