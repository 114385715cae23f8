// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

using System;
using System.Linq;
using LibOpt;
using Xunit;

public class ScheduleTests
{
    [Fact]
    public void AScheduleMovesAnOptionAndLeavesItsBase()
    {
        using (Schedule schedule = new Schedule(ScheduleKinds.Exponential) { ["gamma"] = 0.5 })
        using (Optimizer optimizer = new Optimizer(new Sgd { Lr = 8 }))
        {
            Assert.Equal(0.5, schedule["gamma"]);
            Assert.Equal(2.0, schedule.Value(8, 2));
            optimizer.Attach("w", new float[1], new float[1]);
            optimizer.AllGroups.SetSchedule(OptionNames.Lr, schedule);
            Assert.Equal(8.0, optimizer.Groups[0].GetScheduled("lr"));
            optimizer.Step();
            Assert.Equal(4.0, optimizer.Groups[0].GetScheduled("lr"));
            Assert.Equal(8.0, optimizer.Groups[0].Lr);
            using (Schedule copy = optimizer.Groups[0].CopySchedule("lr"))
            {
                Assert.Equal(1.0, copy.Value(8, 3));
            }

            optimizer.AllGroups.SetSchedule("lr", null);
            Assert.Null(optimizer.Groups[0].CopySchedule("lr"));
            Assert.Equal(8.0, optimizer.Groups[0].GetScheduled("lr"));
        }
    }

    [Fact]
    public void EveryKindHasAClassWithEveryOption()
    {
        Type[] classes = typeof(Schedule).Assembly.GetExportedTypes()
            .Where(type => type.BaseType == typeof(Schedule)).ToArray();
        Assert.Equal(Library.ScheduleKinds.Count, classes.Length);
        foreach (ScheduleKind kind in Library.ScheduleKinds)
        {
            Type type = classes.Single(one => one.Name == Camel(kind.Name) + "Schedule");
            object[] arguments = kind.HasMilestones ? new object[] { new long[] { 1 } } : new object[0];
            using (Schedule schedule = (Schedule)Activator.CreateInstance(type, arguments))
            {
                foreach (Option option in kind.Options)
                {
                    var property = type.GetProperty(Camel(option.Name));
                    object value = property.GetValue(schedule);
                    Assert.Equal(schedule[option.Name], Convert.ToDouble(value));
                    Assert.Equal(option.IsInteger && !option.IsBool, property.PropertyType == typeof(long));
                    Assert.Equal(option.Choices.Count > 0, property.PropertyType.IsEnum);
                }
            }
        }
    }

    [Fact]
    public void ATypedScheduleIsTheOneOfItsName()
    {
        using (OneCycleSchedule typed = new OneCycleSchedule
        {
            TotalSteps = 10,
            PctStart = 0.5,
            Anneal = OneCycleAnneal.Linear,
            ThreePhase = true,
        })
        using (Schedule named = new Schedule("one_cycle")
        {
            ["total_steps"] = 10, ["pct_start"] = 0.5, ["anneal"] = 1, ["three_phase"] = 1,
        })
        using (Schedule steps = new MultiStepSchedule(1, 3) { Gamma = 0.5 })
        {
            for (long step = 0; step < 12; ++step)
            {
                Assert.Equal(named.Value(1, step), typed.Value(1, step));
            }

            Assert.Equal(0.25, steps.Value(1, 3));
            Assert.Throws<OptArgumentException>(() => typed.PctStart = 2);
        }
    }

    [Fact]
    public void SchedulesFollowAndChain()
    {
        using (Schedule first = new Schedule(ScheduleKinds.MultiStep) { ["gamma"] = 0.5 }.SetMilestones(1, 3))
        using (Schedule second = new Schedule(ScheduleKinds.Exponential) { ["gamma"] = 0.5 })
        {
            Assert.Equal(0.25, first.Value(1, 3));
            first.Chain(second);
            Assert.Equal(0.25, first.Value(1, 1));
            second.Then(2, second);
            Assert.Equal(0.5, second.Value(1, 3));
            Assert.Throws<OptStateException>(() => first["gamma"] = 1);
        }
    }

    [Fact]
    public void AScheduleTellsItsParts()
    {
        using (Schedule warmup = new LinearSchedule { TotalIters = 500 })
        using (Schedule cosine = new CosineSchedule { TMax = 9500 })
        using (Schedule drops = new MultiStepSchedule(100, 200) { Gamma = 0.5 })
        using (Optimizer optimizer = new Optimizer(new Sgd()))
        {
            warmup.Then(500, cosine).Chain(drops);
            optimizer.AllGroups.SetSchedule(OptionNames.Lr, warmup);
            using (Schedule copy = optimizer.Groups[0].CopySchedule(OptionNames.Lr))
            {
                Assert.Equal(
                    new[] { "linear, steps 0 to 499", "cosine, steps 500 on", "multi_step, steps 0 on" },
                    copy.Parts.Select(part => part.ToString()).ToArray());
                Assert.Equal(500.0, copy.Parts[0].Options["total_iters"]);
                Assert.Equal(9500.0, copy.Parts[1].Options["t_max"]);
                Assert.Equal(long.MaxValue, copy.Parts[1].End);
                Assert.Equal(0.5, copy.Parts[2].Options["gamma"]);
                Assert.Equal(new long[] { 100, 200 }, copy.Parts[2].Milestones.ToArray());
                Assert.Equal(0, copy.Parts[0].Milestones.Count);
            }

            foreach (SchedulePart part in warmup.Parts)
            {
                Assert.Equal(
                    Library.FindScheduleKind(part.Kind).Options.Select(option => option.Name).ToArray(),
                    part.Options.Keys.ToArray());
            }
        }
    }

    [Fact]
    public void WhatDoesNotFitIsRefused()
    {
        Assert.Throws<OptArgumentException>(() => new Schedule("cosin"));
        Assert.Throws<ArgumentNullException>(() => new Schedule((string)null));
        using (Schedule schedule = new Schedule("cosine"))
        using (Optimizer optimizer = new Optimizer(new Sgd()))
        {
            Assert.Throws<OptArgumentException>(() => schedule["nothing"] = 1);
            Assert.Throws<OptStateException>(() => schedule.SetMilestones(1));
            Assert.Throws<ArgumentNullException>(() => schedule.Then(1, null));
            Assert.Throws<OptStateException>(() => optimizer.AllGroups.SetSchedule("lr", schedule));
            optimizer.AllGroups.ReportMetric(1);
        }

        Schedule closed = new Schedule("constant");
        closed.Dispose();
        Assert.Throws<ObjectDisposedException>(() => closed.Value(1, 1).ToString());
        Assert.Throws<ObjectDisposedException>(() => closed.Parts.ToString());
    }

    [Fact]
    public void KindsAreDescribed()
    {
        ScheduleKind kind = Library.ScheduleKinds.Single(info => info.Name == "multi_step");
        Assert.True(kind.HasMilestones && !kind.HasMetric);
        Assert.Equal("MultiStepLR", kind.Pytorch);
        Assert.NotNull(kind.Options.Single(option => option.Name == "gamma"));
        Assert.True(Library.FindScheduleKind("plateau").HasMetric);
    }

    private static string Camel(string name) => string.Concat(
        name.Split('_').Select(word => char.ToUpperInvariant(word[0]) + word.Substring(1)));
}
