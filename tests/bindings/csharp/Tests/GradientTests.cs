// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

using LibOpt;
using Xunit;

public class GradientTests
{
    [Fact]
    public void AStepClipsAndReports()
    {
        float[] param = { 0, 0 };
        float[] grad = { 6, 8 };
        StepOptions options = new StepOptions { Work = new GradientWork { LossScale = 2, MaxNorm = 1 }, Reports = true };
        using (Optimizer optimizer = new Optimizer(new Sgd { Lr = 1 }))
        {
            optimizer.Attach("w", param, grad);
            optimizer.Step(options);
            Assert.Equal(5.0, options.Report.Norm);
            Assert.Equal(5.0, options.Report.GroupNorms[0]);
            Assert.Equal(1 / (5 + 1e-6), options.Report.Factor);
            Assert.Null(options.Report.NonfiniteTensor);
            Assert.Equal(new float[] { 6, 8 }, grad);
            Assert.True(param[0] < -0.59f && param[0] > -0.61f);
            optimizer.Step(new StepOptions());
            Assert.True(param[0] < -6);
        }
    }

    [Fact]
    public void GradientsAreMeasuredAndClippedInPlace()
    {
        double[] grad = { 3, -4 };
        double[] lent = { 30, 40 };
        using (Optimizer optimizer = new Optimizer(new Sgd()))
        {
            Tensor tensor = optimizer.Attach("w", new double[2], grad);
            Assert.Equal(5.0, optimizer.GradNorm().Norm);
            Assert.Equal(50.0, optimizer.GradNorm(null, Lent.Gradient(tensor, lent)).Norm);
            Assert.Equal(4.0, optimizer.GradNorm(
                new StepOptions { Work = new GradientWork { Norm = GradientNorm.Infinity } }).Norm);
            GradientReport report = optimizer.ClipGrads(new GradientWork { MaxValue = 3.5 });
            Assert.Equal(new[] { 3, -3.5 }, grad);
            Assert.False(report.IsSkipped);
            optimizer.ClipGrads(new GradientWork { MaxTensorNorm = 5 }, Lent.Gradient(tensor, lent));
            Assert.True(lent[0] > 2.99 && lent[0] < 3);
            Assert.Throws<OptArgumentException>(() => optimizer.ClipGrads(new GradientWork { MaxNorm = 0 }));
        }
    }

    [Fact]
    public void GradientsThatAreNotFiniteAreAnErrorOrSkipped()
    {
        float[] param = { 1 };
        StepOptions options = new StepOptions
        {
            Work = new GradientWork { Nonfinite = NonfinitePolicy.Error },
            Reports = true,
        };
        using (Optimizer optimizer = new Optimizer(new Adam()))
        {
            optimizer.Attach("w", param, new[] { float.NaN });
            OptNonfiniteException error = Assert.Throws<OptNonfiniteException>(() => optimizer.Step(options));
            Assert.Contains("w", error.Message);
            options.Work.Nonfinite = NonfinitePolicy.Skip;
            optimizer.Step(options);
            Assert.True(options.Report.IsSkipped);
            Assert.Equal("w", options.Report.NonfiniteTensor.Name);
            Assert.Equal("norm NaN, factor 1, Inf or NaN in 'w', skipped", options.Report.ToString());
            Assert.Equal(1, optimizer.Info.Skipped);
            Assert.Equal(0, optimizer.Info.Steps);
            Assert.Equal(1, param[0]);
        }
    }

    [Fact]
    public void ALossScalerAdjustsItself()
    {
        float[] grad = { float.PositiveInfinity };
        using (Optimizer optimizer = new Optimizer(new Sgd()))
        {
            optimizer.Attach("w", new float[1], grad);
            Assert.Null(optimizer.Scaler);
            optimizer.StartScaler(new ScalerOptions { InitialScale = 8, GrowthInterval = 1, GrowthFactor = 4 });
            Assert.Equal(0.5, optimizer.Scaler.BackoffFactor);
            optimizer.Step();
            Assert.Equal(4.0, optimizer.Scaler.Scale);
            Assert.Equal(1, optimizer.Scaler.Skipped);
            grad[0] = 1;
            optimizer.Step();
            Assert.Equal(16.0, optimizer.Scaler.Scale);
            Assert.Equal(4.0, optimizer.Scaler.GrowthFactor);
            Assert.Equal(1, optimizer.Scaler.GrowthInterval);
            Assert.Equal(0, optimizer.Scaler.GoodSteps);
            optimizer.StopScaler();
            Assert.Null(optimizer.Scaler);
            Assert.Throws<OptArgumentException>(
                () => optimizer.StartScaler(new ScalerOptions { GrowthFactor = 1 }));
        }
    }

    [Fact]
    public void TheScaleIsSet()
    {
        using (Optimizer optimizer = new Optimizer(new Sgd()))
        {
            optimizer.Attach("w", new float[1], new float[1]);
            Assert.Throws<OptStateException>(() => optimizer.SetScale(8));
            optimizer.StartScaler();
            optimizer.Step();
            Assert.Equal(1, optimizer.Scaler.GoodSteps);
            optimizer.SetScale(8);
            Assert.Equal(8.0, optimizer.Scaler.Scale);
            Assert.Equal(0, optimizer.Scaler.GoodSteps);
            Assert.Throws<OptArgumentException>(() => optimizer.SetScale(0));
            optimizer.Accumulate();
            Assert.Throws<OptStateException>(() => optimizer.SetScale(4));
            Assert.Equal(8.0, optimizer.Scaler.Scale);
        }
    }

    [Fact]
    public void AZeroIsRefusedWhereNullMeansTheDefault()
    {
        using (Optimizer optimizer = new Optimizer(new Sgd()))
        {
            foreach (ScalerOptions options in new[]
            {
                new ScalerOptions { InitialScale = 0 },
                new ScalerOptions { GrowthFactor = 0 },
                new ScalerOptions { BackoffFactor = 0 },
                new ScalerOptions { GrowthInterval = 0 },
            })
            {
                OptArgumentException error =
                    Assert.Throws<OptArgumentException>(() => optimizer.StartScaler(options));
                Assert.Contains("is 0", error.Message);
                Assert.Null(optimizer.Scaler);
            }

            Assert.Throws<OptArgumentException>(() => optimizer.StartAverage(new AverageOptions { Period = 0 }));
            Assert.Null(optimizer.Average);
            Assert.Contains("MaxNorm is 0", Assert.Throws<OptArgumentException>(() => optimizer.Step(
                new StepOptions { Work = new GradientWork { MaxNorm = 0 } })).Message);
        }
    }
}
