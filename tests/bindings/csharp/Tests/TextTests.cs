// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

using System.Globalization;
using LibOpt;
using Xunit;

public class TextTests
{
    [Fact]
    public void ObjectsDescribeThemselvesTheSameInEveryCulture()
    {
        CultureInfo culture = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        CultureInfo.CurrentCulture.NumberFormat.NumberDecimalSeparator = ",";
        try
        {
            Describe();
        }
        finally
        {
            CultureInfo.CurrentCulture = culture;
        }
    }

    [Fact]
    public void WhatIsClosedOrDetachedSaysSo()
    {
        Context context = new Context(1);
        Optimizer optimizer = new Optimizer("sgd", context);
        Tensor tensor = optimizer.Attach("w", 2);
        tensor.Detach();
        optimizer.Dispose();
        context.Dispose();
        Assert.Equal("Optimizer 'sgd', closed", optimizer.ToString());
        Assert.Equal("Tensor 'w', F32 [2], detached", tensor.ToString());
        Assert.Equal("Context, closed", context.ToString());
    }

    private static void Describe()
    {
        Assert.Equal("adam of preset 'pytorch', lr 0.5", new Adam { Lr = 0.5, Preset = Presets.Pytorch }.ToString());
        Assert.Equal("F64 [1]", ((Entry)0.5).ToString());
        Assert.Equal("none", default(TensorBuffer).ToString());
        Assert.Equal(Library.Targets[0].Name, Library.Targets[0].ToString());
        Rule adam = Library.FindRule("adam");
        Assert.Equal("adam: " + adam.Summary, adam.ToString());
        Assert.Equal("lr: " + adam.Options[0].Doc, adam.Options[0].ToString());
        using (Context context = new Context(3))
        using (Optimizer optimizer = new Optimizer(new Adam(), context))
        {
            Tensor tensor = optimizer.Attach("w", new float[6], new float[] { 3, 4, 0, 0, 0, 0 }, new long[] { 2, 3 });
            optimizer.StartAverage(new AverageOptions { Decay = 0.5 });
            optimizer.StartScaler(new ScalerOptions { InitialScale = 0.5 });
            Assert.Equal("Context: 3 threads, " + context.Target, context.ToString());
            Assert.Equal("Optimizer 'adam'", optimizer.ToString());
            Assert.Equal("All groups of 'adam'", optimizer.AllGroups.ToString());
            Assert.Equal("Group 0 of 'adam'", tensor.Group.ToString());
            Assert.Equal("Tensor 'w', F32 [2, 3]", tensor.ToString());
            Assert.Equal(
                "Tensor 'w', F32 [2, 3]: parameters none, gradients F32 [6]",
                Lent.Gradient(tensor, new float[6]).ToString());
            Assert.Equal(
                "adam: groups 1, tensors 1, parameters 6, state 72 bytes, steps 0, skipped 0, pending samples 0",
                optimizer.Info.ToString());
            Assert.Equal("Ema: decay 0.5, start 0, period 1, warmup False, updates 0",
                optimizer.Average.ToString());
            Assert.Equal("scale 0.5, growth 2 every 2000, backoff 0.5, good steps 0, skipped 0",
                optimizer.Scaler.ToString());
            Assert.Equal("norm 10, factor 1", optimizer.GradNorm().ToString());
            using (Checkpoint checkpoint = Checkpoint.Open(optimizer.SaveToBytes()))
            {
                Assert.Equal("'w/exp_avg', F32 [2, 3]", checkpoint.Find("w/exp_avg").ToString());
            }

            Assert.Equal("no name that does not fit", optimizer.Load(optimizer.SaveToBytes()).ToString());
        }
    }
}
