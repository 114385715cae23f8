// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

using System.Linq;
using System.Reflection;
using LibOpt;
using Xunit;

public class LibraryTests
{
    [Fact]
    public void RulesAreDescribed()
    {
        Rule adam = Library.Rules.Single(rule => rule.Name == "adam");
        Assert.Contains("moments", adam.Summary);
        Assert.Contains("m_hat", adam.Formula);
        Assert.Contains("Kingma", adam.Reference);
        Option beta1 = adam.Options.Single(option => option.Name == "beta1");
        Assert.Equal(0.9, beta1.Default);
        Assert.True(beta1.IsMaxOpen && !beta1.IsMinOpen && !beta1.IsBool && beta1.Max == 1);
        Option placement = adam.Options.Single(option => option.Name == "eps_placement");
        Assert.Equal(new[] { "inside", "outside", "hat" }, placement.Choices.ToArray());
        Assert.True(adam.Options.Single(option => option.Name == "amsgrad").IsLayout);
        Assert.Equal("amsgrad", adam.Slots.Single(slot => slot.Name == "max_exp_avg_sq").WhenOption);
        Assert.Equal("textbook", adam.Presets[0].Name);
        Assert.Equal(new[] { "rho", "beta" },
            Library.FindRule("rmsprop").Options.Single(o => o.Name == "alpha").Aliases.ToArray());
    }

    [Fact]
    public void AliasesHaveTheirOwnDefaults()
    {
        Assert.Equal("sgd", Library.Aliases.Single(alias => alias.Name == "momentum").Rule);
        Assert.Equal(0.9, Library.FindRule("momentum").Options.Single(o => o.Name == "momentum").Default);
        Assert.Equal(0.9, Library.PresetValue("momentum", "textbook", "momentum"));
        Assert.Throws<OptArgumentException>(() => Library.FindRule("nothing"));
        Assert.Throws<OptArgumentException>(() => Library.PresetValue("adam", "nothing", "lr"));
    }

    [Fact]
    public void TheLibraryTellsItsVersionAndTargets()
    {
        int[] version = Library.Version.Split('.').Select(int.Parse).ToArray();
        Assert.Equal(3, version.Length);
        Assert.Equal((version[0] * 10000) + (version[1] * 100) + version[2], Library.VersionNumber);
        Assert.Contains(Library.Version, Library.BuildInfo);
        Assert.Contains(Library.Version, Library.Catalog);
        Assert.NotNull(Library.Targets.First(target => target.IsSupported && target.Name.Length > 0));
    }

    [Fact]
    public void AContextHasThreadsAndATarget()
    {
        string target = Library.Targets.Last(t => t.IsSupported).Name;
        using (Context context = new Context(3, target))
        {
            Assert.Equal(3, context.Threads);
            Assert.Equal(target, context.Target);
        }

        Assert.True(Context.Default.Threads >= 1);
        Assert.Throws<OptArgumentException>(() => new Context(-7));
        Assert.Throws<OptArgumentException>(() => new Context(1, "Z80"));
    }

    [Fact]
    public void HowLongThreadsWaitActivelyIsTheHostsChoice()
    {
        using (Context context = new Context(2, spinMicroseconds: 200))
        {
            Assert.Equal(200, context.SpinMicroseconds);
        }

        Assert.Equal(0, Context.Default.SpinMicroseconds);
        OptArgumentException refused =
            Assert.Throws<OptArgumentException>(() => new Context(2, spinMicroseconds: -1));
        Assert.Contains("spinMicroseconds", refused.Message);
    }

    [Fact]
    public void TheDefaultContextStaysOpenForOthers()
    {
        Context shared = Context.Default;
        shared.Dispose();
        using (Optimizer optimizer = new Optimizer("sgd"))
        {
            Assert.Equal((object)shared, optimizer.Context);
            Assert.True(shared.Threads >= 1);
        }
    }

    [Fact]
    public void TheAssemblyMayBeTrimmed()
    {
        object[] metadata = typeof(Library).Assembly.GetCustomAttributes(typeof(AssemblyMetadataAttribute), false);
        Assert.Contains("IsTrimmable=True", string.Join(
            ";", metadata.Cast<AssemblyMetadataAttribute>().Select(item => item.Key + "=" + item.Value)));
    }
}
