// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

using System;
using System.IO;
using System.Text;
using LibOpt;
using Xunit;

public class ErrorTests
{
    [Fact]
    public void NullsAreNamed()
    {
        using (Optimizer optimizer = new Optimizer(new Sgd()))
        {
            Tensor tensor = optimizer.Attach("w", 1);
            AssertNull("param", () => optimizer.Attach("v", (float[])null));
            AssertNull("grad", () => optimizer.Attach("v", new float[1], (float[])null));
            AssertNull("param", () => optimizer.Attach("v", default(TensorBuffer)));
            AssertNull("specs", () => optimizer.Attach((TensorSpec)null));
            AssertNull("grad", () => new TensorSpec("v", new double[1], (double[])null));
            AssertNull("param", () => new Lent(tensor, (float[])null, new float[1]));
            AssertNull("grad", () => new Lent(tensor, new float[1], (float[])null));
            AssertNull("grad", () => Lent.Gradient(tensor, (float[])null));
            AssertNull("param", () => tensor.Bind((float[])null));
            AssertNull("grad", () => tensor.Bind(new float[1], (float[])null));
            AssertNull("lent", () => optimizer.Step((Lent[])null, null));
            AssertNull("lent", () => optimizer.Step(default(Lent)));
            AssertNull("param", () => optimizer.Step(tensor, (float[])null, new float[1]));
            AssertNull("grad", () => optimizer.Step(tensor, new float[1], (float[])null));
            AssertNull("grad", () => optimizer.Accumulate(tensor, (float[])null));
            AssertNull("param", () => optimizer.StepFlat((float[])null, new float[1]));
            AssertNull("grad", () => optimizer.StepFlat(new float[1], (float[])null));
            AssertNull("path", () => optimizer.Save((string)null));
            AssertNull("path", () => optimizer.Load((string)null));
            AssertNull("checkpoint", () => optimizer.Load((byte[])null));
            AssertNull("checkpoint", () => Checkpoint.Open((byte[])null));
            AssertNull("rule", () => optimizer.AddGroup(null));
            AssertNull("name", () => optimizer.FindTensor(null));
            AssertNull("preset", () => optimizer.AllGroups.SetPreset(null));
            AssertNull("address", () => new TensorBuffer(IntPtr.Zero, 1, DType.F32));
            AssertNull("options", () => optimizer.SaveToBytes(new SaveOptions { Entries = { ["a"] = null } }));
            Assert.Equal(0, optimizer.Info.Steps);
        }

        AssertNull("rule", () => new Optimizer((RuleOptions)null));
        AssertNull("rule", () => new Optimizer((string)null));
    }

    [Fact]
    public void NullStateAndPointersAreNamed()
    {
        using (Optimizer optimizer = new Optimizer(new Adam()))
        {
            Tensor tensor = optimizer.Attach("w", 1);
            AssertNull("values", () => tensor.SetState<float>(SlotNames.ExpAvg, (float[])null));
            AssertNull("slot", () => tensor.GetState<float>(null));
            AssertNull("grad", () => StepAt(optimizer, tensor));
        }
    }

    // An array of no elements is not null.
    [Fact]
    public void TensorsWithoutElementsTakeEmptySpans()
    {
        using (Optimizer optimizer = new Optimizer(new Adam()))
        {
            Tensor tensor = optimizer.Attach("w", 0);
            optimizer.Step(tensor, new float[0], new float[0]);
            optimizer.Step(tensor, Span<float>.Empty, Span<float>.Empty);
            Assert.Equal(2, optimizer.Info.Steps);
        }
    }

    [Fact]
    public void ATensorThatIsLentTwiceIsRefused()
    {
        float[] param = { 1 };
        using (Optimizer optimizer = new Optimizer(new Gd { Lr = 1 }))
        {
            Tensor tensor = optimizer.Attach("w", 1);
            Lent both = new Lent(tensor, param, new float[] { 1 });
            Lent grad = Lent.Gradient(tensor, new float[] { 2 });
            byte[] saved = optimizer.SaveToBytes();
            AssertTwice(() => optimizer.Step(both, grad));
            AssertTwice(() => optimizer.Step(both, both));
            AssertTwice(() => optimizer.Accumulate(new[] { grad, grad }));
            AssertTwice(() => optimizer.ZeroGrads(grad, grad));
            AssertTwice(() => optimizer.SaveToBytes(new SaveOptions { Params = true, Lent = new[] { both, both } }));
            AssertTwice(() => optimizer.Load(saved, new LoadOptions { Lent = new[] { both, both } }));
            Assert.Equal(0, optimizer.Info.Steps);
            optimizer.Step(both);
            optimizer.Step(both);
            Assert.Equal(-1, param[0]);
        }
    }

    [Fact]
    public void ASaveAndALoadAreLentParameters()
    {
        using (Optimizer optimizer = new Optimizer(new Gd()))
        {
            Lent grad = Lent.Gradient(optimizer.Attach("w", 1), new float[1]);
            byte[] saved = optimizer.SaveToBytes();
            Assert.Contains("'w' is lent without parameters", Assert.Throws<OptArgumentException>(
                () => optimizer.SaveToBytes(new SaveOptions { Lent = new[] { grad } })).Message);
            Assert.Contains("'w' is lent without parameters", Assert.Throws<OptArgumentException>(
                () => optimizer.Load(saved, new LoadOptions { Lent = new[] { grad } })).Message);
        }
    }

    [Fact]
    public void AllGroupsAreNoGroupOfATensor()
    {
        using (Optimizer optimizer = new Optimizer(new Gd()))
        {
            TensorSpec spec = new TensorSpec("v", 1) { Group = optimizer.AllGroups };
            Tensor tensor = optimizer.Attach("w", 1);
            Assert.Contains("'v' is Optimizer.AllGroups", Assert.Throws<OptArgumentException>(
                () => optimizer.Attach(spec)).Message);
            Assert.Contains("Optimizer.AddGroup", Assert.Throws<OptArgumentException>(
                () => optimizer.StateBytes(spec)).Message);
            Assert.Contains("'w' is Optimizer.AllGroups", Assert.Throws<OptArgumentException>(
                () => tensor.Group = optimizer.AllGroups).Message);
        }
    }

    [Fact]
    public void TensorsAreOfF32OrF64()
    {
        Assert.Contains("tensor 'w' is I64", Assert.Throws<OptArgumentException>(
            () => new TensorSpec("w", 1, DType.I64)).Message);
        Assert.Contains("DType.F32 or DType.F64", Assert.Throws<OptArgumentException>(
            () => new TensorSpec("w", 1, DType.F32, DType.U8)).Message);
        Assert.Contains("dtype is U8", Assert.Throws<OptArgumentException>(
            () => new TensorBuffer((IntPtr)8, 1, DType.U8)).Message);
    }

    [Fact]
    public void AWrongLengthTellsBoth()
    {
        using (Optimizer optimizer = new Optimizer(new Sgd()))
        {
            OptArgumentException error = Assert.Throws<OptArgumentException>(
                () => optimizer.Attach("fc1", new float[3], new float[2]));
            Assert.Equal(Status.Argument, error.Status);
            Assert.Contains("'fc1' has 3 elements", error.Message);
            Tensor tensor = optimizer.Attach("fc2", 3);
            Assert.Throws<OptArgumentException>(() => optimizer.Step(tensor, new float[3], new float[4]));
            Assert.Throws<OptArgumentException>(() => optimizer.Step(tensor, new float[2], new float[3]));
            Assert.Contains("All tensors together have 3 elements, but the gradients 2", Assert.Throws<OptArgumentException>(
                () => optimizer.StepFlat(new float[3], new float[2])).Message);
            Assert.Throws<OptArgumentException>(() => new Lent(tensor, new float[4]));
            Assert.Throws<OptArgumentException>(() => tensor.Bind(new float[4]));
        }
    }

    [Fact]
    public void AWrongElementTypeTellsBoth()
    {
        using (Optimizer optimizer = new Optimizer(new Adam()))
        {
            Tensor tensor = optimizer.Attach("w", new float[1], new float[1]);
            OptArgumentException error =
                Assert.Throws<OptArgumentException>(() => tensor.Bind(new double[1]));
            Assert.Equal(Status.DType, error.Status);
            Assert.Contains("is F32, not F64", error.Message);
            Assert.Throws<OptArgumentException>(() => optimizer.Step(tensor, new double[1], new double[1]));
            Assert.Throws<OptArgumentException>(() => tensor.GetState<double>("exp_avg"));
            Assert.Throws<NotSupportedException>(() => tensor.GetState<int>("exp_avg"));
        }
    }

    [Fact]
    public void OverlappingBuffersAreRefused()
    {
        float[] all = new float[4];
        using (Optimizer optimizer = new Optimizer(new Sgd()))
        {
            OptArgumentException error = Assert.Throws<OptArgumentException>(
                () => optimizer.Attach("w", all.AsMemory(0, 3), all.AsMemory(1, 3)));
            Assert.Equal(Status.Overlap, error.Status);
        }
    }

    [Fact]
    public void TheLibrarySuggestsTheNearestName()
    {
        OptArgumentException error = Assert.Throws<OptArgumentException>(() => new Optimizer("adamv"));
        Assert.Equal(Status.Name, error.Status);
        Assert.Contains("adam", error.Message);
        using (Optimizer optimizer = new Optimizer(new Adam()))
        {
            Assert.Throws<OptArgumentException>(() => optimizer.AllGroups["lrr"] = 1);
            Assert.Throws<OptArgumentException>(() => optimizer.FindTensor("nobody"));
        }
    }

    [Fact]
    public void ValuesOutsideTheirRangeAreRefused()
    {
        OptArgumentException error =
            Assert.Throws<OptArgumentException>(() => new Optimizer(new Adam { Beta1 = 1 }));
        Assert.Equal(Status.Value, error.Status);
        Assert.Contains("beta1", error.Message);
    }

    [Fact]
    public void LayoutIsFixedWhileTensorsAreAttached()
    {
        using (Optimizer optimizer = new Optimizer(new Sgd()))
        {
            optimizer.Attach("w", new float[1], new float[1]);
            OptStateException error =
                Assert.Throws<OptStateException>(() => optimizer.AllGroups["momentum"] = 0.9);
            Assert.Equal(Status.State, error.Status);
            Assert.Equal(0.0, optimizer.AllGroups["momentum"]);
        }
    }

    [Fact]
    public void EveryCallOfAClosedOptimizerThrows()
    {
        Optimizer optimizer = new Optimizer(new Adam());
        Tensor tensor = optimizer.Attach("w", new float[1], new float[1]);
        optimizer.Dispose();
        optimizer.Dispose();
        Assert.Throws<ObjectDisposedException>(() => optimizer.Step());
        Assert.Throws<ObjectDisposedException>(() => optimizer.Step(new StepOptions()));
        Assert.Throws<ObjectDisposedException>(() => optimizer.Step(tensor, new float[1], new float[1]));
        Assert.Throws<ObjectDisposedException>(() => optimizer.Step(new Lent(tensor, new float[1])));
        Assert.Throws<ObjectDisposedException>(() => optimizer.Accumulate());
        Assert.Throws<ObjectDisposedException>(() => optimizer.ZeroGrads());
        Assert.Throws<ObjectDisposedException>(() => optimizer.Attach("v", new float[1]));
        Assert.Throws<ObjectDisposedException>(() => optimizer.AddGroup());
        Assert.Throws<ObjectDisposedException>(() => optimizer.AddGroup(new Adam()));
        Assert.Throws<ObjectDisposedException>(() => optimizer.AllGroups.Set(new Adam()));
        Assert.Throws<ObjectDisposedException>(() => optimizer.Clone());
        Assert.Throws<ObjectDisposedException>(() => optimizer.StateBytes());
        Assert.Throws<ObjectDisposedException>(() => optimizer.SetScale(1));
        Assert.Throws<ObjectDisposedException>(() => optimizer.Info.ToString());
        Assert.Throws<ObjectDisposedException>(() => optimizer.SaveToBytes());
        Assert.Throws<ObjectDisposedException>(() => tensor.Detach());
        Assert.Throws<ObjectDisposedException>(() => tensor.Bind(new float[1]));
        Assert.Throws<ObjectDisposedException>(() => tensor.GetState<float>("exp_avg"));
        Assert.Throws<ObjectDisposedException>(() => optimizer.AllGroups.Lr = 1);
        Assert.Throws<ObjectDisposedException>(() => optimizer.Tensors.ToString());
        Assert.Throws<ObjectDisposedException>(() => optimizer.Groups.ToString());
        Assert.Throws<ObjectDisposedException>(() => optimizer.FindTensor("w"));
    }

    [Fact]
    public void WhatIsClosedIsNamedByItsClass()
    {
        Context context = new Context(1);
        Schedule schedule = new Schedule("constant");
        Optimizer optimizer = new Optimizer("sgd", context);
        Checkpoint checkpoint = Checkpoint.Open(optimizer.SaveToBytes());
        optimizer.Dispose();
        checkpoint.Dispose();
        schedule.Dispose();
        context.Dispose();
        Assert.Equal("Optimizer", Assert.Throws<ObjectDisposedException>(() => optimizer.Step()).ObjectName);
        Assert.Equal("Checkpoint", Assert.Throws<ObjectDisposedException>(() => checkpoint.Find("a")).ObjectName);
        Assert.Equal("Schedule", Assert.Throws<ObjectDisposedException>(() => schedule.Value(1, 1)).ObjectName);
        Assert.Equal("Context", Assert.Throws<ObjectDisposedException>(() => context.Threads.ToString()).ObjectName);
    }

    // .NET's own classes catch what a program does wrong and what files do;
    // OptException catches the rest; IOptException is all of them.
    [Fact]
    public void ExceptionsAreWhatDotNetCallsThem()
    {
        string nowhere = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName(), "x");
        using (Optimizer optimizer = new Optimizer(new Sgd()))
        {
            byte[] saved = optimizer.SaveToBytes();
            optimizer.Attach("w", new float[1], new[] { float.NaN });
            AssertCaught<ArgumentException>(Status.Name, () => optimizer.AllGroups["lrr"] = 1);
            AssertCaught<ArgumentException>(Status.Value, () => optimizer.AllGroups.Lr = -1);
            AssertCaught<InvalidOperationException>(Status.State, () => optimizer.SwapEvalWeights());
            AssertCaught<IOException>(Status.IO, () => optimizer.Save(nowhere));
            AssertCaught<FileNotFoundException>(Status.IO, () => optimizer.Load(nowhere));
            AssertCaught<IOException>(Status.IO, () => optimizer.Load(nowhere));
            AssertCaught<IOException>(Status.IO, () => Checkpoint.Open(nowhere));
            AssertCaught<IOException>(Status.IO, () => Checkpoint.Open(Path.GetTempPath()));
            AssertCaught<OptException>(Status.Mismatch, () => optimizer.Load(saved));
            AssertCaught<OptException>(Status.Format, () => optimizer.Load(new byte[3]));
            AssertCaught<OptException>(Status.Nonfinite, () => optimizer.GradNorm(
                new StepOptions { Work = new GradientWork { Nonfinite = NonfinitePolicy.Error } }));
        }
    }

    [Fact]
    public void AMissingFileIsNamed()
    {
        string nowhere = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        OptFileNotFoundException error =
            Assert.Throws<OptFileNotFoundException>(() => Checkpoint.Open(nowhere));
        Assert.Equal(nowhere, error.FileName);
        Assert.Contains(nowhere, error.Message);
    }

    [Fact]
    public void ClosedContextsAndCheckpointsThrow()
    {
        Context context = new Context(1);
        Optimizer optimizer = new Optimizer(new Sgd(), context);
        Checkpoint checkpoint = Checkpoint.Open(optimizer.SaveToBytes());
        context.Dispose();
        checkpoint.Dispose();
        Assert.Throws<ObjectDisposedException>(() => new Optimizer(new Sgd(), context));
        Assert.Throws<ObjectDisposedException>(() => context.Threads.ToString());
        Assert.Throws<ObjectDisposedException>(() => checkpoint.Entries.ToString());
        optimizer.Step();
        optimizer.Dispose();
    }

    [Fact]
    public void ForeignTensorsAndGroupsAreRefused()
    {
        using (Optimizer one = new Optimizer(new Sgd()))
        using (Optimizer other = new Optimizer(new Sgd()))
        {
            Tensor tensor = one.Attach("w", new float[1], new float[1]);
            Assert.Throws<OptArgumentException>(() => other.Step(tensor, new float[1], new float[1]));
            Assert.Throws<OptArgumentException>(() => other.Attach("w", new float[1], default, null, one.Groups[0]));
            Assert.Throws<ArgumentNullException>(() => one.Step((Tensor)null, new float[1], new float[1]));
            Assert.Throws<ArgumentNullException>(() => one.Step(default(Lent)));
        }
    }

    [Fact]
    public void TextsThatUtf8CannotHoldAreRefused()
    {
        using (Optimizer optimizer = new Optimizer(new Sgd()))
        {
            Assert.Throws<ArgumentException>(() => optimizer.Attach("a\0b", new float[1]));
            Assert.Throws<EncoderFallbackException>(() => optimizer.Attach("\ud83d", new float[1]));
        }
    }

    private static unsafe void StepAt(Optimizer optimizer, Tensor tensor) =>
        optimizer.Step(tensor, (float*)null, (float*)null);

    private static void AssertNull(string parameter, Action call) =>
        Assert.Equal(parameter, Assert.Throws<ArgumentNullException>(call).ParamName);

    private static void AssertTwice(Action call) =>
        Assert.Contains("'w' is lent twice", Assert.Throws<OptArgumentException>(call).Message);

    private static void AssertCaught<T>(Status status, Action call)
        where T : Exception
    {
        Exception caught = null;
        try
        {
            call();
        }
        catch (T error)
        {
            caught = error;
        }

        Assert.True(caught is IOptException, typeof(T).Name + " that is an IOptException expected, not " + caught);
        Assert.Equal(status, ((IOptException)caught).Status);
    }
}
