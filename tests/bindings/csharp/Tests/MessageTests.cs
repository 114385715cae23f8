// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

using System;
using System.IO;
using LibOpt;
using Xunit;

// Messages name what C# calls a thing, not what C does.
public class MessageTests
{
    [Fact]
    public void UnknownNamesTellWhereTheKnownAreListed()
    {
        using (Optimizer optimizer = Make())
        {
            Tensor tensor = optimizer.Tensors[0];
            AssertSays("Library.Rules", () => new Optimizer("adamv"));
            AssertSays("Rule.Options", () => optimizer.AllGroups["lrr"] = 1);
            using (Checkpoint checkpoint = Checkpoint.Open(optimizer.SaveToBytes()))
            {
                AssertSays("Checkpoint.Entries", () => checkpoint.Find("nope"));
            }

            AssertSays("Rule.Presets", () => optimizer.AllGroups.SetPreset("jax"));
            AssertSays("Rule.Slots", () => tensor.GetState<float>("exp"));
            AssertSays("Library.Attributes", () => tensor["frozzen"] = 1);
            AssertSays("Library.ScheduleKinds", () => new Schedule("cosin"));
            AssertSays("ScheduleKind.Options", () => new Schedule("cosine")["t_mx"] = 1);
            AssertContains("did you mean 't_max'", () => new Schedule("cosine")["TMax"] = 1);
        }
    }

    [Fact]
    public void WrongValuesAreNamedAsTheyWereGiven()
    {
        using (Optimizer optimizer = Make())
        using (Schedule schedule = new Schedule("constant"))
        {
            AssertSays("threads is -7", () => new Context(-7));
            AssertSays("Context.AllCores", () => new Context(-7));
            AssertSays("samples is 0", () => optimizer.Accumulate(0));
            AssertSays("AverageOptions.Decay", () => optimizer.StartAverage(new AverageOptions { Decay = 2 }));
            AssertSays("AverageOptions.Start", () => optimizer.StartAverage(new AverageOptions { Start = -1 }));
            AssertSays("AverageKind.Ema", () => optimizer.StartAverage(new AverageOptions { Kind = (AverageKind)9 }));
            AssertSays("AverageOptions.Warmup", () => optimizer.StartAverage(
                new AverageOptions { Kind = AverageKind.Swa, Warmup = true }));
            AssertSays("GradientWork.MaxNorm", () => Clip(optimizer, new GradientWork { MaxNorm = -1 }));
            AssertSays("GradientWork.LossScale", () => Clip(optimizer, new GradientWork { LossScale = -1 }));
            AssertSays("GradientNorm.Two", () => Clip(optimizer, new GradientWork { Norm = (GradientNorm)9 }));
            AssertSays("NonfinitePolicy.Skip", () => Clip(
                optimizer, new GradientWork { Nonfinite = (NonfinitePolicy)9 }));
            AssertSays("ScalerOptions.GrowthFactor is 0.5", () => optimizer.StartScaler(
                new ScalerOptions { GrowthFactor = 0.5 }));
            AssertSays("ScalerOptions.InitialScale is", () => optimizer.StartScaler(
                new ScalerOptions { InitialScale = 1e300 }));
            AssertSays("Tensor.Step", () => optimizer.Tensors[0].Step = -1);
            AssertSays("Schedule.Then", () => schedule.Then(-1, schedule));
            AssertSays("Schedule.Value", () => schedule.Value(1, -1).ToString());
            AssertSays("Schedule.Value", () => schedule.Value(double.NaN, 1).ToString());
            AssertSays("DType.F32", () => optimizer.Attach("u", 1, DType.U8));
        }
    }

    // One bound and one remedy for a value that C takes as "none given".
    [Fact]
    public void ZeroAndLessAreRefusedAlike()
    {
        using (Optimizer optimizer = Make())
        {
            foreach (double value in new[] { 0, -1, double.NaN })
            {
                string end = FormattableString.Invariant(
                    $" is {value}: it must be a number greater than 0, or null ");
                AssertSays("GradientWork.MaxNorm" + end, () => Clip(optimizer, new GradientWork { MaxNorm = value }));
                AssertSays("GradientWork.LossScale" + end, () => Clip(
                    optimizer, new GradientWork { LossScale = value }));
                AssertSays("ScalerOptions.InitialScale" + end, () => optimizer.StartScaler(
                    new ScalerOptions { InitialScale = value }));
            }

            AssertSays("LossScale is Infinity: it must be a number from 1e-38 to 1e38, or null", () => Clip(
                optimizer, new GradientWork { LossScale = double.PositiveInfinity }));
            foreach (long value in new long[] { 0, -1 })
            {
                AssertSays("ScalerOptions.GrowthInterval is " + value + ": it must be a number greater", () =>
                    optimizer.StartScaler(new ScalerOptions { GrowthInterval = value }));
                AssertSays("AverageOptions.Period is " + value + ": it must be at least 1", () =>
                    optimizer.StartAverage(new AverageOptions { Period = value }));
            }
        }
    }

    [Fact]
    public void NumbersAndNullAreWrittenAsCSharpWritesThem()
    {
        using (Optimizer optimizer = Make())
        {
            Group all = optimizer.AllGroups;
            AssertSays("cannot be NaN: it must be in [0, Infinity)", () => all.Lr = double.NaN);
            AssertSays("cannot be NaN:", () => all.Lr = -double.NaN);
            AssertSays(" Infinity:", () => all.Lr = double.PositiveInfinity);
            AssertSays(" -Infinity:", () => all.Lr = double.NegativeInfinity);
            AssertSays("or none", () => optimizer.Attach(string.Empty, 1));
            AssertContains("'nan'", () => all["nan"] = 1);
            AssertContains("'is inf or NULL'", () => all["is inf or NULL"] = 1);
        }
    }

    [Fact]
    public void TheRightCallAtAnotherTimeIsNamed()
    {
        using (Optimizer optimizer = Make())
        using (Schedule schedule = new Schedule("constant"))
        {
            Tensor lent = optimizer.Attach("lent", 1);
            Tensor tensor = optimizer.Tensors[0];
            AssertSays("Optimizer.Attach", () => optimizer.AllGroups["amsgrad"] = 1);
            AssertSays("Optimizer.Accumulate", () => tensor.GetState<float>(SlotNames.GradAccumulator));
            AssertSays("Optimizer.StartAverage", () => tensor.GetState<float>(SlotNames.ParamAverage));
            AssertSays("Optimizer.StartAverage", () => optimizer.SwapEvalWeights());
            AssertSays("Tensor.Bind", () => optimizer.Step(Lent.Gradient(lent, new float[1])));
            AssertSays("Lent.Param", () => optimizer.Step(Lent.Gradient(lent, new float[1])));
            AssertSays("SaveOptions.Lent", () => optimizer.SaveToBytes(new SaveOptions { Params = true }));
            AssertSays("Optimizer.StartScaler", () => optimizer.SetScale(2));
            AssertSays("Tensor.Group", () => tensor.Group = optimizer.AddGroup(new Adam { Amsgrad = Amsgrad.Raw }));
            AssertSays("Optimizer.AddGroup", () => tensor.Group = optimizer.AllGroups);
            optimizer.Accumulate();
            AssertSays("Optimizer.Discard", () => optimizer.Step(new Lent(tensor, new float[1], new float[1])));
            AssertSays("StepOptions.Work", () => Clip(optimizer, new GradientWork { MaxNorm = 1 }));
            optimizer.Discard();
            optimizer.StartScaler();
            optimizer.Accumulate();
            AssertSays("Optimizer.SetScale", () => optimizer.SetScale(2));
            optimizer.Discard();
            AssertSays("Optimizer.StopScaler", () => optimizer.Step(
                new StepOptions { Work = new GradientWork { LossScale = 2 } }));
            optimizer.StopScaler();
            lent.Detach();
            optimizer.StartAverage();
            optimizer.Step();
            optimizer.SwapEvalWeights();
            AssertSays("Optimizer.SwapEvalWeights", () => optimizer.Step());
            AssertSays("Optimizer.SwapEvalWeights", () => optimizer.StopAverage());
            AssertSays("Optimizer.Clone", () => optimizer.Clone());
        }
    }

    [Fact]
    public void WhatDoesNotFitACheckpointIsNamed()
    {
        byte[] alone;
        byte[] two;
        using (Optimizer optimizer = Make())
        {
            alone = optimizer.SaveToBytes();
            optimizer.AddGroup();
            two = optimizer.SaveToBytes();
        }

        using (Optimizer optimizer = Make())
        {
            AssertSays("SaveOptions.Params", () => optimizer.Load(alone, new LoadOptions { Params = true }));
            AssertSays("LoadOptions.KeepOptions", () => optimizer.Load(two));
            AssertSays("Optimizer.AddGroup", () => optimizer.Load(two));
            optimizer.Attach("v", 1);
            AssertSays("OptCheckpointException.Report lists them all", () => optimizer.Load(alone));
            AssertSays("LoadOptions.Lent", () => optimizer.Load(
                optimizer.SaveToBytes(new SaveOptions
                {
                    Params = true,
                    Lent = new[] { new Lent(optimizer.FindTensor("v"), new float[1]) },
                }),
                new LoadOptions { Params = true }));
        }
    }

    [Fact]
    public void NamesOfTheUsersOwnStayAsTheyAre()
    {
        string folder = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName(), "opt_step");
        using (Optimizer optimizer = Make())
        {
            AssertContains("'opt_attach'", () => optimizer.FindTensor("opt_attach"));
            AssertContains("'an opt_step'", () => optimizer.AllGroups["an opt_step"] = 1);
            AssertContains("'a's opt_step'", () => optimizer.AllGroups["a's opt_step"] = 1);
            AssertContains(folder, () => optimizer.Save(Path.Combine(folder, "x")));
        }
    }

    private static Optimizer Make()
    {
        Optimizer optimizer = new Optimizer(new Adam());
        optimizer.Attach("w", new float[1], new float[1]);
        return optimizer;
    }

    private static void Clip(Optimizer optimizer, GradientWork work) => optimizer.ClipGrads(work);

    private static void AssertSays(string words, Action call)
    {
        string message = MessageOf(call);
        Assert.Contains(words, message);
        Assert.False(message.Contains("opt_") || message.Contains("OPT_"));
    }

    private static void AssertContains(string words, Action call) => Assert.Contains(words, MessageOf(call));

    private static string MessageOf(Action call)
    {
        try
        {
            call();
        }
        catch (Exception error) when (error is IOptException)
        {
            return error.Message;
        }

        return "nothing was thrown";
    }
}
