// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

using System;
using System.IO;
using System.Linq;
using LibOpt;
using Xunit;

public class StateTests
{
    [Fact]
    public void TrainingGoesOnToTheSameBytesAfterALoad()
    {
        float[] straight = Parameters();
        float[] resumed = Parameters();
        float[] later = new float[straight.Length];
        byte[] saved;
        using (Optimizer optimizer = Make(straight))
        {
            Run(optimizer, 7);
        }

        using (Optimizer optimizer = Make(resumed))
        {
            Run(optimizer, 4);
            saved = optimizer.SaveToBytes(new SaveOptions { Params = true });
        }

        using (Optimizer optimizer = Make(later))
        {
            Assert.Empty(optimizer.Load(saved, new LoadOptions { Params = true }));
            Run(optimizer, 3);
        }

        Assert.Equal(straight, later);
    }

    [Fact]
    public void ParametersOfSomeTensorsMayBeLentAndThoseOfOthersRetained()
    {
        byte[] saved;
        using (Optimizer optimizer = new Optimizer(new Gd()))
        {
            Tensor lent = optimizer.Attach("lent", 1);
            optimizer.Attach("retained", new float[] { 2 });
            saved = optimizer.SaveToBytes(new SaveOptions
            {
                Params = true,
                Lent = new[] { new Lent(lent, new float[] { 1 }) },
            });
        }

        float[] param = new float[1];
        float[] retained = new float[1];
        using (Optimizer optimizer = new Optimizer(new Gd()))
        {
            Tensor lent = optimizer.Attach("lent", 1);
            optimizer.Attach("retained", retained);
            optimizer.Load(saved, new LoadOptions { Params = true, Lent = new[] { new Lent(lent, param) } });
        }

        Assert.Equal(new float[] { 1 }, param);
        Assert.Equal(new float[] { 2 }, retained);
    }

    [Fact]
    public void FilesStreamsAndMemoryHoldTheSame()
    {
        string path = Path.GetTempFileName();
        try
        {
            using (Optimizer optimizer = Make(Parameters()))
            using (MemoryStream stream = new MemoryStream())
            {
                Run(optimizer, 2);
                optimizer.Save(path);
                optimizer.Save(stream);
                Assert.Equal(optimizer.SaveToBytes(), stream.ToArray());
                Assert.Equal(optimizer.SaveToBytes(), File.ReadAllBytes(path));
                float[] state = optimizer.Tensors[0].GetState<float>(SlotNames.ExpAvg);
                Run(optimizer, 1);
                optimizer.Load(path);
                Assert.Equal(state, optimizer.Tensors[0].GetState<float>(SlotNames.ExpAvg));
                Run(optimizer, 1);
                stream.Position = 0;
                optimizer.Load(stream);
                Assert.Equal(state, optimizer.Tensors[0].GetState<float>(SlotNames.ExpAvg));
            }
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void OwnEntriesAreReadBack()
    {
        using (Optimizer optimizer = Make(Parameters()))
        {
            byte[] saved = optimizer.SaveToBytes(new SaveOptions
            {
                Params = true,
                Entries =
                {
                    ["epoch"] = 3L,
                    ["loss"] = 0.25,
                    ["order"] = new long[] { 2, 0, 1 },
                    ["random"] = new byte[] { 7, 8 },
                    ["floats"] = new[] { 1.5f },
                    ["none"] = new double[0],
                    ["part"] = Entry.Of<float>(new ReadOnlyMemory<float>(new float[] { 1, 2, 3 }, 1, 2)),
                },
            });
            using (Checkpoint checkpoint = Checkpoint.Open(saved))
            {
                Assert.Equal(new long[] { 3 }, checkpoint.Read<long>("epoch"));
                Assert.Equal(new[] { 0.25 }, checkpoint.Read<double>("loss"));
                Assert.Equal(new long[] { 2, 0, 1 }, checkpoint.Read<long>("order"));
                Assert.Equal(new byte[] { 7, 8 }, checkpoint.Read<byte>("random"));
                Assert.Equal(new[] { 1.5f }, checkpoint.Read<float>("floats"));
                Assert.Equal(0, checkpoint.Read<double>("none").Length);
                Assert.Equal(new float[] { 2, 3 }, checkpoint.Read<float>("part"));
                Assert.Equal(8, checkpoint.Read<byte>("epoch").Length);
                Assert.Equal(7, checkpoint.Entries.Count(entry => entry.IsOwn));
                CheckpointEntry state = checkpoint.Find("w/exp_avg");
                Assert.Equal(new long[] { 3 }, state.Shape);
                Assert.Equal(12, state.Bytes);
                Assert.Equal(DType.F32, state.DType.Value);
                Assert.Throws<OptArgumentException>(() => checkpoint.Read<float>("epoch"));
                Assert.Throws<OptArgumentException>(() => checkpoint.Find("nothing"));
            }
        }
    }

    [Fact]
    public void AnOpenedCheckpointIsLookedIntoAndLoaded()
    {
        byte[] saved;
        float[] expected = Parameters();
        using (Optimizer optimizer = Make(expected))
        {
            Run(optimizer, 2);
            saved = optimizer.SaveToBytes(new SaveOptions { Params = true, Entries = { ["epoch"] = 3L } });
        }

        float[] loaded = new float[3];
        using (Optimizer optimizer = Make(loaded))
        using (Optimizer another = new Optimizer(new AdamW()))
        using (Checkpoint checkpoint = Checkpoint.Open(saved))
        {
            Assert.Equal(3, checkpoint.Read<long>("epoch")[0]);
            Assert.Empty(optimizer.Load(checkpoint, new LoadOptions { Params = true }));
            Assert.Equal(expected, loaded);
            Assert.Equal(2, optimizer.Info.Steps);
            OptCheckpointException error =
                Assert.Throws<OptCheckpointException>(() => another.Load(checkpoint));
            Assert.Equal("w/exp_avg", error.Report.First(finding => finding.Name.EndsWith("exp_avg")).Name);
            Assert.Equal(3, checkpoint.Read<long>("epoch")[0]);
            Assert.Throws<ArgumentNullException>(() => optimizer.Load((Checkpoint)null));
            checkpoint.Dispose();
            Assert.Equal(
                nameof(Checkpoint),
                Assert.Throws<ObjectDisposedException>(() => optimizer.Load(checkpoint)).ObjectName);
        }
    }

    [Fact]
    public void ACloneContinuesToTheSameBytes()
    {
        float[] straight = Parameters();
        float[] cloned = new float[3];
        using (Context context = new Context(1))
        using (Optimizer optimizer = Make(straight))
        using (Schedule schedule = new ExponentialSchedule { Gamma = 0.5 })
        {
            Group group = optimizer.AddGroup(new AdamW { Lr = 0.3 });
            optimizer.Attach("lent", 2, DType.F64, new long[] { 1, 2 }, group);
            optimizer.AllGroups.SetSchedule(OptionNames.Lr, schedule);
            optimizer.StartAverage();
            optimizer.StartScaler();
            Run(optimizer, 2);
            optimizer.Accumulate(4);
            using (Optimizer clone = optimizer.Clone(context))
            {
                Assert.Equal((object)context, clone.Context);
                Assert.Equal(optimizer.Info.ToString(), clone.Info.ToString());
                Assert.Equal(4, clone.Info.PendingSamples);
                Assert.Equal(
                    optimizer.Tensors.Select(tensor => tensor.ToString()).ToArray(),
                    clone.Tensors.Select(tensor => tensor.ToString()).ToArray());
                Assert.Equal((object)clone.Groups[1], clone.FindTensor("lent").Group);
                Assert.Equal(DType.F64, clone.FindTensor("lent").GradDType);
                Assert.Equal(0.3, clone.Groups[1].Lr);
                Assert.Throws<OptStateException>(() => clone.Step());
                straight.CopyTo(cloned, 0);
                clone.Tensors[0].Bind(cloned, new[] { 0.5f, -0.25f, 2f });
                clone.FindTensor("lent").Bind(default);  // as in the original
                Run(clone, 3);
                clone.AllGroups.Lr = 7;
            }

            Assert.Equal(0.1, optimizer.AllGroups.Lr);
            Run(optimizer, 3);
            Assert.Equal(straight, cloned);
            optimizer.SwapEvalWeights();
            Assert.Throws<OptStateException>(() => optimizer.Clone());
        }
    }

    [Fact]
    public void ACloneOutlivesWhatItWasMadeOf()
    {
        Optimizer optimizer = new Optimizer("momentum");
        optimizer.Attach("w", new float[1], new float[1]);
        Optimizer clone = optimizer.Clone();
        optimizer.Dispose();
        Assert.Throws<ObjectDisposedException>(() => optimizer.Clone());
        using (clone)
        {
            Assert.Equal("momentum", clone.RuleName);
            clone.Step(clone.Tensors[0], new float[1], new float[1]);
            Assert.Equal(1, clone.Tensors[0].Step);
            clone.AddGroup(new MomentumSgd { Lr = 1 });
            Assert.Equal(2, clone.Groups.Count);
        }
    }

    [Fact]
    public void BytesOfStateAreToldBeforeTensorsAreAttached()
    {
        using (Optimizer optimizer = new Optimizer(new Adam()))
        using (Optimizer other = new Optimizer(new Adam()))
        {
            Group larger = optimizer.AddGroup(new Adam { Amsgrad = Amsgrad.Raw });
            TensorSpec[] specs =
            {
                new TensorSpec("w", new float[6], new float[6]) { Shape = new long[] { 2, 3 } },
                new TensorSpec("v", 5, DType.F64) { Group = larger },
            };
            long bytes = optimizer.StateBytes(specs);
            Assert.Equal((6 * 2 * 4) + (5 * 3 * 8), bytes);
            Assert.Equal(0, optimizer.StateBytes());
            Assert.Equal(0, optimizer.Tensors.Count);
            optimizer.Attach(specs);
            Assert.Equal(bytes, optimizer.Info.StateBytes);
            Assert.Throws<OptArgumentException>(() => optimizer.StateBytes(
                new TensorSpec("u", 6) { Shape = new long[] { 4 } }));
            Assert.Throws<OptArgumentException>(() => other.StateBytes(specs));
            Assert.Throws<ArgumentNullException>(() => optimizer.StateBytes((TensorSpec)null));
        }
    }

    [Fact]
    public void NamesThatDoNotFitAreReported()
    {
        byte[] saved;
        using (Optimizer optimizer = Make(Parameters()))
        {
            saved = optimizer.SaveToBytes();
        }

        using (Optimizer optimizer = new Optimizer(new AdamW()))
        {
            optimizer.Attach("v", new float[3], new float[3]);
            OptCheckpointException error =
                Assert.Throws<OptCheckpointException>(() => optimizer.Load(saved));
            Assert.Equal(Status.Mismatch, error.Status);
            Assert.Equal(
                new[] { "Missing v/exp_avg", "Unexpected w/exp_avg" },
                error.Report.Select(f => f.Kind + " " + f.Name).OrderBy(text => text)
                    .Where(text => text.EndsWith("exp_avg")).ToArray());
            LoadReport report = optimizer.Load(
                saved, new LoadOptions { AllowMissing = true, AllowUnexpected = true });
            Assert.Equal(error.Report.Count, report.Count);
            Assert.True(report[0].Detail.Length > 0);
        }
    }

    [Fact]
    public void OptionsComeFromTheCheckpointUnlessKept()
    {
        using (Optimizer optimizer = Make(Parameters()))
        {
            byte[] saved = optimizer.SaveToBytes();
            optimizer.AllGroups.Lr = 0.5;
            optimizer.Load(saved, new LoadOptions { KeepOptions = true });
            Assert.Equal(0.5, optimizer.AllGroups.Lr);
            optimizer.Load(saved, new LoadOptions { Names = new[] { "w" } });
            Assert.Equal(0.5, optimizer.AllGroups.Lr);
            optimizer.Load(saved);
            Assert.Equal(0.1, optimizer.AllGroups.Lr);
        }
    }

    [Fact]
    public void LentParametersAreSavedAndLoaded()
    {
        float[] back = new float[2];
        using (Optimizer optimizer = new Optimizer(new Sgd()))
        {
            Tensor tensor = optimizer.Attach("w", 2);
            byte[] saved = optimizer.SaveToBytes(new SaveOptions
            {
                Params = true,
                Lent = new[] { new Lent(tensor, new float[] { 5, 6 }) },
            });
            optimizer.Load(saved, new LoadOptions { Params = true, Lent = new[] { new Lent(tensor, back) } });
            Assert.Throws<OptStateException>(() => optimizer.SaveToBytes(new SaveOptions { Params = true }));
        }

        Assert.Equal(new float[] { 5, 6 }, back);
    }

    [Fact]
    public void DamagedCheckpointsAreRefused()
    {
        using (Optimizer optimizer = Make(Parameters()))
        {
            byte[] saved = optimizer.SaveToBytes();
            saved[saved.Length / 2] ^= 1;
            Assert.Throws<OptCheckpointException>(() => optimizer.Load(saved));
            Assert.Equal(
                Status.Format,
                Assert.Throws<OptCheckpointException>(() => Checkpoint.Open(new byte[3])).Status);
            string nowhere = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName(), "x");
            Assert.Throws<OptIOException>(() => optimizer.Save(nowhere));
        }
    }

    [Fact]
    public void StateIsViewedCopiedAndOverwritten()
    {
        using (Optimizer optimizer = Make(Parameters()))
        {
            Tensor tensor = optimizer.Tensors[0];
            Span<float> view = tensor.ViewState<float>("exp_avg");
            Assert.Equal(0, view[0]);
            Run(optimizer, 1);
            Assert.True(view[0] != 0);
            tensor.SetState<float>("exp_avg", new float[] { 7, 8, 9 });
            Assert.Equal(8, view[1]);
            Assert.Equal(new float[] { 7, 8, 9 }, tensor.GetState<float>("exp_avg"));
            Assert.Throws<OptArgumentException>(() => tensor.SetState<float>("exp_avg", new float[2]));
            Assert.Throws<OptArgumentException>(() => tensor.GetState<float>("max_exp_avg_sq"));
        }
    }

    [Fact]
    public void ANumberOfAFloatTensorIsOneDouble()
    {
        using (Optimizer optimizer = new Optimizer(new NAdam()))
        {
            Tensor tensor = optimizer.Attach("w", Parameters(), new[] { 0.5f, -0.25f, 2f });
            Assert.Equal(new[] { 1.0 }, tensor.GetState<double>(SlotNames.MuProduct));
            Run(optimizer, 1);
            double product = tensor.ViewState<double>(SlotNames.MuProduct)[0];
            Assert.True(Math.Abs(product - (0.9 * (1 - (0.5 * Math.Pow(0.96, 0.004))))) < 1e-14);
            tensor.SetState<double>(SlotNames.MuProduct, new[] { 0.5 });
            Assert.Equal(new[] { 0.5 }, tensor.GetState<double>(SlotNames.MuProduct));
            Assert.Equal(3, tensor.GetState<float>(SlotNames.ExpAvg).Length);
            Assert.Throws<OptArgumentException>(() => tensor.GetState<float>(SlotNames.MuProduct));
        }
    }

    [Fact]
    public void SlotsTellTheirShapesTypesAndStarts()
    {
        Slot moment = Library.FindRule("nadam").Slots[0];
        Assert.Equal(SlotShape.Param, moment.Shape);
        Assert.Null(moment.DType);
        Assert.Null(moment.InitialOption);
        Slot product = Library.FindRule("nadam").Slots[2];
        Assert.Equal(SlotShape.Number, product.Shape);
        Assert.Equal(DType.F64, product.DType);
        Assert.Equal("initial_accumulator", Library.FindRule("adagrad").Slots[0].InitialOption);
        Slot z = Library.FindRule("schedule_free_adamw").Slots[0];
        Assert.Equal("param", z.InitialOption);
        Assert.Equal(SlotShape.GroupNumber, Library.FindRule("schedule_free_adamw").Slots[3].Shape);
    }

    [Fact]
    public void TheNumbersOfAGroupGoOnInMidRun()
    {
        float[] straight = Parameters();
        float[] later = new float[straight.Length];
        using (Optimizer one = ScheduleFree(straight))
        using (Optimizer other = ScheduleFree(later))
        {
            Run(one, 2);
            other.Load(
                one.SaveToBytes(new SaveOptions { Params = true }), new LoadOptions { Params = true });
            Assert.Equal(new[] { 2.0 }, other.Tensors[0].GetState<double>(SlotNames.K));
            Run(one, 2);
            Run(other, 2);
            Assert.Equal(straight, later);
            Assert.Equal(one.SaveToBytes(), other.SaveToBytes());
        }
    }

    private static Optimizer ScheduleFree(float[] param)
    {
        Optimizer optimizer = new Optimizer(new ScheduleFreeAdamW { Lr = 0.1, WarmupSteps = 3, R = 1 });
        optimizer.Attach("w", param, new[] { 0.5f, -0.25f, 2f });
        return optimizer;
    }

    private static float[] Parameters() => new[] { 0.3f, -0.7f, 1.1f };

    private static Optimizer Make(float[] param)
    {
        Optimizer optimizer = new Optimizer(new AdamW { Lr = 0.1 });
        optimizer.Attach("w", param, new[] { 0.5f, -0.25f, 2f });
        return optimizer;
    }

    private static void Run(Optimizer optimizer, int steps)
    {
        for (int i = 0; i < steps; ++i)
        {
            optimizer.Step();
        }
    }
}
