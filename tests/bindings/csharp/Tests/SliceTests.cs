// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

using System.Collections.Generic;
using LibOpt;
using Xunit;

public class SliceTests
{
    [Fact]
    public void SlicesGiveTheBytesOfOneStep()
    {
        StepOptions options = new StepOptions { Work = new GradientWork { MaxNorm = 1 }, Reports = true };
        using (Optimizer sliced = new Optimizer(new AdamW()))
        using (Optimizer whole = new Optimizer(new AdamW()))
        {
            List<Tensor> tensors = Attach(sliced);
            Attach(whole);
            for (int step = 0; step < 3; ++step)
            {
                sliced.BeginStep(options);
                double norm = options.Report.Norm;
                Assert.Equal(3, sliced.Info.Remaining);
                Assert.Equal(2, sliced.StepSlice(new[] { tensors[2] }));
                sliced.StepRemaining();
                Assert.Equal(0, sliced.Info.Remaining);
                whole.Step(options);
                Assert.Equal(norm, options.Report.Norm);
            }

            SaveOptions saved = new SaveOptions { Params = true };
            Assert.Equal(whole.SaveToBytes(saved), sliced.SaveToBytes(saved));
        }
    }

    [Fact]
    public void AnOpenStepRefusesWhatWouldDisturbIt()
    {
        using (Optimizer optimizer = new Optimizer(new AdamW()))
        {
            List<Tensor> tensors = Attach(optimizer);
            optimizer.BeginStep();
            optimizer.StepSlice(new[] { tensors[0] });
            OptStateException error = Assert.Throws<OptStateException>(() => optimizer.Step());
            Assert.Contains("'t1' (index 1) and 1 other have", error.Message);
            Assert.Contains("Optimizer.AbandonStep", error.Message);
            Assert.Throws<OptArgumentException>(() => optimizer.StepSlice(tensors));
            optimizer.AbandonStep();
            Assert.Equal(1, optimizer.Info.Steps);
            Assert.Equal(0, tensors[1].Step);
        }
    }

    [Fact]
    public void ArraysAreLentToEachSlice()
    {
        float[] a = { 0 };
        float[] b = { 0 };
        float[] grad = { 2 };
        using (Optimizer optimizer = new Optimizer(new Gd { Lr = 1 }))
        {
            Tensor first = optimizer.Attach("a", 1);
            Tensor second = optimizer.Attach("b", 1);
            optimizer.BeginStep(null, new Lent(first, a, grad), new Lent(second, b, new float[] { 3 }));
            Assert.Equal(1, optimizer.StepSlice(new[] { first }, new Lent(first, a, grad)));
            optimizer.StepRemaining(new Lent(second, b, new float[] { 3 }));
            Assert.Equal(new[] { -2f, -3 }, new[] { a[0], b[0] });
        }
    }

    private static List<Tensor> Attach(Optimizer optimizer)
    {
        List<Tensor> tensors = new List<Tensor>();
        for (int i = 0; i < 3; ++i)
        {
            tensors.Add(optimizer.Attach("t" + i, new float[] { i, 1 }, new float[] { 3, i + 1 }));
        }

        return tensors;
    }
}
