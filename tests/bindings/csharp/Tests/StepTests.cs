// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

using System;
using LibOpt;
using Xunit;

public class StepTests
{
    [Fact]
    public void AStepInWhichNoTensorHasAGradientCountsLikeAnyOther()
    {
        using (Optimizer optimizer = new Optimizer(new Gd { Lr = 1 }))
        using (Schedule linear = new LinearSchedule { StartFactor = 0.5, TotalIters = 2 })
        {
            Tensor tensor = optimizer.Attach("w", new float[1]);
            optimizer.AllGroups.SetSchedule(OptionNames.Lr, linear);
            optimizer.Step();
            Assert.Equal(1, optimizer.Info.Steps);
            Assert.Equal(0.75, optimizer.AllGroups.GetScheduled(OptionNames.Lr));
            Assert.Equal(0, tensor.Step);
        }
    }

    [Fact]
    public void SpansAreLentForOneStep()
    {
        Span<float> param = new float[] { 1, 2 };
        Span<float> grad = new float[] { 1, 1 };
        using (Optimizer optimizer = new Optimizer(new Sgd { Lr = 0.5 }))
        {
            Tensor tensor = optimizer.Attach("w", 2);
            optimizer.Step(tensor, param, grad);
            Assert.Equal(new[] { 0.5f, 1.5f }, param.ToArray());
            optimizer.Step(tensor, param, grad, new StepOptions { ZeroGrads = true });
            Assert.Equal(new[] { 0f, 1 }, param.ToArray());
            Assert.Equal(new[] { 0f, 0 }, grad.ToArray());
            optimizer.Step();
            Assert.Equal(2, tensor.Step);
        }
    }

    [Fact]
    public unsafe void PointersAreLentForOneStep()
    {
        double* memory = stackalloc double[2];
        float* floats = stackalloc float[2];
        memory[0] = memory[1] = floats[0] = floats[1] = 1;
        using (Optimizer optimizer = new Optimizer(new Sgd { Lr = 0.5 }))
        {
            optimizer.Step(optimizer.Attach("w", 1, DType.F64), memory, memory + 1);
            optimizer.Step(optimizer.Attach("v", 1), floats, floats + 1);
        }

        Assert.Equal(0.5, memory[0]);
        Assert.Equal(0.5, floats[0]);
    }

    [Fact]
    public void FlatBuffersAreCutAsTheTensorsLie()
    {
        double[] param = { 1, 1, 1 };
        double[] grad = { 1, 2, 4 };
        using (Optimizer optimizer = new Optimizer(new Sgd { Lr = 1 }))
        {
            optimizer.Attach("a", 1, DType.F64);
            optimizer.Attach("b", 2, DType.F64);
            optimizer.StepFlat(param, grad);
        }

        Assert.Equal(new double[] { 0, -1, -3 }, param);
    }

    [Fact]
    public void FlatFloatsToo()
    {
        float[] param = { 1, 1 };
        using (Optimizer optimizer = new Optimizer(new Sgd { Lr = 1 }))
        {
            optimizer.Attach("a", 1);
            optimizer.Attach("b", 1);
            optimizer.StepFlat(param, new float[] { 1, 2 });
        }

        Assert.Equal(new float[] { 0, -1 }, param);
    }

    [Fact]
    public void TensorsThatAreNotLentArePassedOver()
    {
        float[] a = { 1 };
        float[] b = { 1 };
        using (Optimizer optimizer = new Optimizer(new Adam()))
        {
            Tensor first = optimizer.Attach("a", a, new float[] { 1 });
            Tensor second = optimizer.Attach("b", 1);
            optimizer.Step(new Lent(second, b, new float[] { 1 }));
            Assert.Equal(0, first.Step);
            Assert.Equal(1, second.Step);
        }

        Assert.Equal(1, a[0]);
        Assert.True(b[0] < 1);
    }

    [Fact]
    public void LentGradientsMoveRetainedParameters()
    {
        float[] param = { 1 };
        using (Optimizer optimizer = new Optimizer(new Sgd { Lr = 1 }))
        {
            Tensor tensor = optimizer.Attach("w", param);
            optimizer.Step(Lent.Gradient(tensor, new float[] { 3 }));
        }

        Assert.Equal(new float[] { -2 }, param);
    }

    [Fact]
    public void AccumulatedGradientsCountByTheirMean()
    {
        float[] param = { 0 };
        float[] grad = { 2 };
        using (Optimizer optimizer = new Optimizer(new Sgd { Lr = 1 }))
        {
            optimizer.Attach("w", param, grad);
            optimizer.Accumulate();
            grad[0] = 4;
            optimizer.Accumulate(3, new AccumulateOptions { ZeroGrads = true });
            Assert.Equal(4, optimizer.Info.PendingSamples);
            Assert.Equal(new float[] { 0 }, grad);
            optimizer.Step();
            Assert.Equal(new[] { -1.5f }, param);
        }
    }

    [Fact]
    public void AccumulatedGradientsCountByTheirSumIfAsked()
    {
        double[] param = { 0 };
        using (Optimizer optimizer = new Optimizer(new Sgd { Lr = 1 }))
        {
            Tensor tensor = optimizer.Attach("w", 1, DType.F64);
            optimizer.Accumulate(tensor, new double[] { 2 });
            optimizer.Accumulate(tensor, new double[] { 2 }, 2, new AccumulateOptions { Means = true });
            optimizer.Step(new[] { new Lent(tensor, param) }, new StepOptions { Sum = true });
        }

        Assert.Equal(new double[] { -6 }, param);
    }

    [Fact]
    public void DiscardForgetsWhatWasAccumulated()
    {
        float[] param = { 0 };
        using (Optimizer optimizer = new Optimizer(new Sgd { Lr = 1 }))
        {
            Tensor tensor = optimizer.Attach("w", param);
            optimizer.Accumulate(tensor, new float[] { 2 });
            optimizer.Discard();
            Assert.Equal(0, optimizer.Info.PendingSamples);
            optimizer.Step();
        }

        Assert.Equal(new float[] { 0 }, param);
    }

    [Fact]
    public void GradientsAreZeroed()
    {
        float[] retained = { 1 };
        float[] lent = { 1 };
        using (Optimizer optimizer = new Optimizer(new Sgd()))
        {
            Tensor tensor = optimizer.Attach("w", new float[1], retained);
            optimizer.ZeroGrads(Lent.Gradient(tensor, lent));
            Assert.Equal(new float[] { 1 }, retained);
            Assert.Equal(new float[] { 0 }, lent);
            optimizer.ZeroGrads();
            Assert.Equal(new float[] { 0 }, retained);
        }
    }

    [Fact]
    public void AFailedLoanIsForgotten()
    {
        float[] param = { 1 };
        using (Optimizer optimizer = new Optimizer(new Sgd { Lr = 1 }))
        {
            Tensor tensor = optimizer.Attach("w", param, new float[] { 1 });
            Tensor other = optimizer.Attach("v", 1);
            Assert.Throws<OptStateException>(() => optimizer.Step(Lent.Gradient(other, new float[] { 1 })));
            optimizer.Step(new StepOptions());
            Assert.Equal(1, tensor.Step);
        }

        Assert.Equal(new float[] { 0 }, param);
    }
}
