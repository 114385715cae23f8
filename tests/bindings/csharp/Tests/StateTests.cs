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
            Tensor tensor = optimizer.Declare("w", 2);
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
