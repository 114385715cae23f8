// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

using System.Linq;
using LibOpt;
using Xunit;

public class AverageTests
{
    [Fact]
    public void AnAverageFollowsAndIsSwapped()
    {
        float[] param = { 8 };
        using (Optimizer optimizer = new Optimizer(new Sgd { Lr = 4 }))
        {
            Tensor tensor = optimizer.Attach("w", param, new float[] { 1 });
            Assert.Null(optimizer.Average);
            optimizer.StartAverage(new AverageOptions { Decay = 0.5 });
            optimizer.Step();
            optimizer.Step();
            Assert.Equal(2, optimizer.Average.Updates);
            Assert.Equal(new float[] { 2 }, tensor.GetState<float>(SlotNames.ParamAverage));
            optimizer.SwapEvalWeights();
            Assert.True(optimizer.IsSwapped);
            Assert.Equal(new float[] { 2 }, param);
            Assert.Throws<OptStateException>(() => optimizer.Step());
            optimizer.SwapEvalWeights();
            Assert.Equal(new float[] { 0 }, param);
            optimizer.StopAverage();
            Assert.Null(optimizer.Average);
            Assert.Throws<OptStateException>(() => optimizer.SwapEvalWeights());
        }
    }

    [Fact]
    public void WhatIsSavedMeanwhileIsLoadedWithTheWeightsInPlace()
    {
        float[] param = { 2, 0 };
        float[] other = new float[2];
        using (Optimizer optimizer = new Optimizer(new ScheduleFreeAdamW { Lr = 0.1 }))
        using (Optimizer loaded = new Optimizer(new ScheduleFreeAdamW { Lr = 0.1 }))
        {
            optimizer.Attach("w", param, new float[] { 1, -1 });
            loaded.Attach("w", other, new float[] { 1, -1 });
            optimizer.Step();
            optimizer.Step();
            float[] trained = (float[])param.Clone();
            optimizer.SwapEvalWeights();
            Assert.True(optimizer.IsSwapped);
            Assert.False(loaded.IsSwapped);
            loaded.Load(optimizer.SaveToBytes(new SaveOptions { Params = true }), new LoadOptions { Params = true });
            Assert.True(loaded.IsSwapped);
            Assert.Equal(param, other);
            Assert.False(trained.SequenceEqual(other));
            Assert.Throws<OptStateException>(() => loaded.Step());
            loaded.SwapEvalWeights();
            Assert.False(loaded.IsSwapped);
            Assert.Equal(trained, other);
        }
    }

    [Fact]
    public void ARulesOwnWeightsAreReadAsASwapPutsThemIn()
    {
        float[] param = { 2, 0 };
        using (Optimizer optimizer = new Optimizer(new ScheduleFreeAdamW { Lr = 0.1 }))
        {
            Tensor tensor = optimizer.Attach("w", param, new float[] { 1, -1 });
            optimizer.Step();
            optimizer.Step();
            optimizer.Step();
            float[] trained = (float[])param.Clone();
            float[] read = tensor.ReadEvalWeights<float>();
            float[] lent = new float[2];
            tensor.ReadEvalWeights<float>(lent, new Lent(tensor, param));
            Assert.Equal(trained, param);
            Assert.False(trained.SequenceEqual(read));
            optimizer.SwapEvalWeights();
            Assert.Equal(read, param);
            Assert.Equal(read, lent);
            Assert.Throws<OptStateException>(() => tensor.ReadEvalWeights<float>());
            optimizer.SwapEvalWeights();
            Assert.Equal(trained, param);
            Assert.Throws<OptArgumentException>(() => tensor.ReadEvalWeights<double>());
            Assert.Throws<OptArgumentException>(() => tensor.ReadEvalWeights<float>(new float[3]));
        }
    }

    [Fact]
    public void AMeanOfLentParametersIsConfigured()
    {
        double[] param = { 3 };
        double[] grad = { 1 };
        using (Optimizer optimizer = new Optimizer(new Sgd { Lr = 1 }))
        {
            Tensor tensor = optimizer.Attach("w", 1, DType.F64);
            optimizer.StartAverage(new AverageOptions { Kind = AverageKind.Swa, Start = 1, Period = 2 });
            AverageInfo info = optimizer.Average;
            Assert.True(info.Kind == AverageKind.Swa && info.Start == 1 && info.Period == 2 && !info.Warmup);
            for (int i = 0; i < 4; ++i)
            {
                optimizer.Step(tensor, param, grad);
            }

            Assert.Equal(2, optimizer.Average.Updates);
            optimizer.SwapEvalWeights(new Lent(tensor, param));
            Assert.Equal(new double[] { 0 }, param);
            optimizer.SwapEvalWeights(new Lent(tensor, param));
            Assert.Equal(new double[] { -1 }, param);
            Assert.Throws<OptArgumentException>(() => optimizer.StartAverage(new AverageOptions { Decay = 2 }));
        }
    }

    [Fact]
    public void ATensorHasFactorsAndCanBeFrozen()
    {
        float[] first = { 1 };
        float[] second = { 1 };
        using (Optimizer optimizer = new Optimizer(new Sgd { Lr = 1, WeightDecay = 1 }))
        {
            Tensor half = optimizer.Attach("half", first, new float[] { 1 });
            Tensor frozen = optimizer.Attach("frozen", second, new float[] { 1 });
            half.LrFactor = 0.5;
            half.WeightDecayFactor = 0;
            frozen.Frozen = true;
            optimizer.Step();
            Assert.Equal(new[] { 0.5f }, first);
            Assert.Equal(new float[] { 1 }, second);
            Assert.Equal(0.5, half["lr_factor"]);
            Assert.Equal(0.0, half.WeightDecayFactor);
            Assert.True(frozen.Frozen && !half.Frozen && frozen.Step == 0);
            Assert.Throws<OptArgumentException>(() => half.LrFactor = -1);
            Assert.Throws<OptArgumentException>(() => half["nothing"] = 1);
            optimizer.AllGroups.Frozen = true;
            optimizer.Step();
            Assert.Equal(1, half.Step);
        }

        Assert.True(Library.Attributes.Single(a => a.Name == "frozen").IsBool);
    }
}
