// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

using System.Linq;
using LibOpt;
using Xunit;

public class GroupTests
{
    [Fact]
    public void AnOptionIsSetForAllOrForOneGroup()
    {
        using (Optimizer optimizer = new Optimizer(new AdamW { Lr = 0.1, WeightDecay = 0 }))
        {
            ParamGroup group = optimizer.AddGroup(new AdamW { Lr = 0.2 });
            Assert.Equal(0.1, optimizer.Groups[0].Lr);
            Assert.Equal(0.2, group.Lr);
            Assert.Equal(0.0, group.WeightDecay);
            optimizer.AllGroups.Lr = 0.3;
            Assert.Equal(0.3, group["lr"]);
            group.Lr *= 2;
            Assert.Equal(0.6, group[OptionNames.Lr]);
            Assert.Equal(0.3, optimizer.AllGroups.Lr);
            Assert.Equal(2, optimizer.Info.GroupCount);
        }
    }

    [Fact]
    public void AWrongGroupIsNotAdded()
    {
        using (Optimizer optimizer = new Optimizer(new Adam()))
        {
            Assert.Throws<OptArgumentException>(() => optimizer.AddGroup(new AdamW()));
            Assert.Throws<OptArgumentException>(() => optimizer.AddGroup(new Adam { Eps = -1 }));
            Assert.Equal(1, optimizer.Groups.Count);
            Assert.Equal(1, optimizer.Info.GroupCount);
        }
    }

    [Fact]
    public void APresetIsOverriddenByOptions()
    {
        using (Optimizer optimizer = new Optimizer(
            new RmsProp { Preset = Presets.Pytorch, Eps = 0.5, Centered = true }))
        {
            Assert.Equal(0.99, optimizer.AllGroups.Alpha);
            Assert.Equal(0.5, optimizer.AllGroups.Eps);
            Assert.True(optimizer.AllGroups.Centered);
            Assert.Equal(EpsPlacement.Outside, optimizer.AllGroups.EpsPlacement);
            optimizer.AllGroups.SetPreset(Presets.Textbook);
            Assert.Equal(0.9, optimizer.AllGroups.Alpha);
            optimizer.AllGroups.EpsPlacement = EpsPlacement.Outside;
            optimizer.AllGroups.Maximize = true;
            Assert.Equal(1.0, optimizer.AllGroups["eps_placement"]);
            Assert.Equal(1.0, optimizer.AllGroups["maximize"]);
        }

        Assert.Throws<OptArgumentException>(() => new Optimizer(new Lion { Preset = "keras" }));
    }

    [Fact]
    public void WhatIsSetOnARuleCanBeReadAndTakenBack()
    {
        Adam rule = new Adam { Beta1 = 0.5, Amsgrad = true, EpsPlacement = EpsPlacement.Hat };
        Assert.Equal(0.5, rule.Beta1.Value);
        Assert.True(rule.Amsgrad.Value);
        Assert.Equal(EpsPlacement.Hat, rule.EpsPlacement.Value);
        Assert.True(rule.Lr == null && rule.Maximize == null);
        rule.Beta1 = null;
        using (Optimizer optimizer = new Optimizer(rule))
        {
            Assert.Equal(0.9, optimizer.AllGroups.Beta1);
            Assert.True(optimizer.AllGroups.Amsgrad);
        }
    }

    [Fact]
    public void EveryRuleHasAClassWithEveryOption()
    {
        var classes = typeof(Rule).Assembly.GetTypes().Where(type => type.BaseType == typeof(Rule));
        string[] names = classes.Select(type => ((Rule)System.Activator.CreateInstance(type)).Name)
            .OrderBy(name => name, System.StringComparer.Ordinal).ToArray();
        string[] expected = Library.Rules.Select(rule => rule.Name)
            .Concat(Library.Aliases.Select(alias => alias.Name))
            .OrderBy(name => name, System.StringComparer.Ordinal).ToArray();
        Assert.Equal(expected, names);
        foreach (System.Type type in classes)
        {
            Rule rule = (Rule)System.Activator.CreateInstance(type);
            using (Optimizer optimizer = new Optimizer(rule))
            {
                RuleInfo info = Library.FindRule(rule.Name);
                foreach (OptionInfo option in info.Options)
                {
                    string property = string.Concat(option.Name.Split('_').Select(
                        word => char.ToUpperInvariant(word[0]) + word.Substring(1)));
                    Assert.True(type.GetProperty(property) != null, type.Name + " lacks " + property);
                    Assert.Equal(option.Default, optimizer.AllGroups[option.Name]);
                }
            }
        }
    }
}
