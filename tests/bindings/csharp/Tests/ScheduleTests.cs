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
            Assert.Equal(8.0, optimizer.Groups[0].Current("lr"));
            optimizer.Step();
            Assert.Equal(4.0, optimizer.Groups[0].Current("lr"));
            Assert.Equal(8.0, optimizer.Groups[0].Lr);
            using (Schedule copy = optimizer.Groups[0].CopySchedule("lr"))
            {
                Assert.Equal(1.0, copy.Value(8, 3));
            }

            optimizer.AllGroups.SetSchedule("lr", null);
            Assert.Null(optimizer.Groups[0].CopySchedule("lr"));
            Assert.Equal(8.0, optimizer.Groups[0].Current("lr"));
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
    }

    [Fact]
    public void KindsAreDescribed()
    {
        ScheduleKind kind = Library.Schedules.Single(info => info.Name == "multi_step");
        Assert.True(kind.HasMilestones && !kind.HasMetric);
        Assert.Equal("MultiStepLR", kind.Pytorch);
        Assert.NotNull(kind.Options.Single(option => option.Name == "gamma"));
        Assert.True(Library.FindSchedule("plateau").HasMetric);
    }
}
