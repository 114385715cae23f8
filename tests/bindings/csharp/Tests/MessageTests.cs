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
            AssertSays("Rule.Presets", () => optimizer.AllGroups.SetPreset("keras"));
            AssertSays("Rule.Slots", () => tensor.GetState<float>("exp"));
            AssertSays("Library.Attributes", () => tensor["frozzen"] = 1);
            AssertSays("Library.Schedules", () => new Schedule("cosin"));
            AssertSays("ScheduleKind.Options", () => new Schedule("cosine")["t_mx"] = 1);
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
            AssertSays("growth_factor", () => optimizer.StartScaler(new ScalerOptions { GrowthFactor = 0.5 }));
            AssertSays("Tensor.Step", () => optimizer.Tensors[0].Step = -1);
            AssertSays("Schedule.Then", () => schedule.Then(-1, schedule));
            AssertSays("Schedule.Value", () => schedule.Value(1, -1).ToString());
            AssertSays("Schedule.Value", () => schedule.Value(double.NaN, 1).ToString());
            AssertSays("DType.F32", () => optimizer.Declare("u", 1, DType.U8));
        }
    }

    [Fact]
    public void TheRightCallAtAnotherTimeIsNamed()
    {
        using (Optimizer optimizer = Make())
        using (Schedule schedule = new Schedule("constant"))
        {
            Tensor lent = optimizer.Declare("lent", 1);
            Tensor tensor = optimizer.Tensors[0];
            AssertSays("Optimizer.Attach", () => optimizer.AllGroups["amsgrad"] = 1);
            AssertSays("Optimizer.Accumulate", () => tensor.GetState<float>(SlotNames.GradAccumulator));
            AssertSays("Optimizer.StartAverage", () => tensor.GetState<float>(SlotNames.ParamAverage));
            AssertSays("Optimizer.StartAverage", () => optimizer.SwapAverage());
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
            optimizer.SwapAverage();
            AssertSays("Optimizer.SwapAverage", () => optimizer.Step());
            AssertSays("Optimizer.SwapAverage", () => optimizer.StopAverage());
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
            optimizer.Declare("v", 1);
            AssertSays("OptCheckpointException.Report", () => optimizer.Load(alone));
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
