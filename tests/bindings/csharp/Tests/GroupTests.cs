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
            Group group = optimizer.AddGroup(new AdamW { Lr = 0.2 });
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
    public void OptionsAreSetTogetherOrNotAtAll()
    {
        using (Optimizer optimizer = new Optimizer(new Adam { Lr = 0.1 }))
        {
            Group second = optimizer.AddGroup(new Adam { Lr = 0.2 });
            second.Set(new Adam { Beta1 = 0.5, Amsgrad = Amsgrad.Raw });
            Assert.Equal(0.5, second["beta1"]);
            Assert.Equal(0.2, second.Lr);
            Assert.Equal(0.9, optimizer.Groups[0]["beta1"]);
            OptArgumentException error = Assert.Throws<OptArgumentException>(
                () => second.Set(new Adam { Lr = 7, Preset = Presets.Pytorch, Eps = -1 }));
            Assert.Contains("eps", error.Message);
            Assert.Throws<OptArgumentException>(
                () => optimizer.AllGroups.Set(new Adam { Lr = 7, Eps = -1 }));
            Assert.Equal(0.1, optimizer.AllGroups.Lr);
            Assert.Equal(0.1, optimizer.Groups[0].Lr);
            Assert.Equal(0.2, second.Lr);
            Assert.Equal(0.0, second["eps_placement"]);
        }
    }

    [Fact]
    public void AGroupIsAddedWithAPresetAndWithAllItsValuesOrNotAtAll()
    {
        using (Optimizer optimizer = new Optimizer(new Adam { Lr = 0.1 }))
        {
            optimizer.AllGroups["beta1"] = 0.5;
            Group plain = optimizer.AddGroup(new Adam { Beta2 = 0.75 });
            Assert.Equal(0.5, plain["beta1"]);
            Assert.Equal(0.75, plain["beta2"]);
            Group preset = optimizer.AddGroup(new Adam { Preset = Presets.Pytorch, Lr = 0.3 });
            Assert.Equal(0.3, preset.Lr);
            Assert.Equal(0.9, preset["beta1"]);
            Assert.Equal(EpsPlacement.Outside, preset.Get<Adam>().EpsPlacement.Value);
            Assert.Throws<OptArgumentException>(() => optimizer.AddGroup(new Adam { Preset = "jax" }));
            Assert.Throws<OptArgumentException>(() => optimizer.AddGroup(new Adam { Lr = 1, Eps = -1 }));
            Assert.Equal(3, optimizer.Groups.Count);
            Assert.Equal(3, optimizer.Info.GroupCount);
        }
    }

    [Fact]
    public void OptionsThatWouldChangeTheStateOfATensorLeaveTheOthersUnset()
    {
        using (Optimizer optimizer = new Optimizer(new Adam { Lr = 0.1 }))
        {
            optimizer.Attach("w", 1);
            Assert.Throws<OptStateException>(
                () => optimizer.AllGroups.Set(new Adam { Lr = 0.5, Amsgrad = Amsgrad.Raw }));
            Assert.Equal(0.1, optimizer.AllGroups.Lr);
            Assert.Equal(0.1, optimizer.Groups[0].Lr);
        }
    }

    [Fact]
    public void ATensorMovesToAnotherGroupWithItsStateAndStep()
    {
        float[] param = { 1 };
        using (Optimizer optimizer = new Optimizer(new Adam()))
        using (Optimizer other = new Optimizer(new Adam()))
        {
            Tensor tensor = optimizer.Attach("w", param, new float[] { 1 });
            Group frozen = optimizer.AddGroup(new Adam { Frozen = true });
            Group larger = optimizer.AddGroup(new Adam { Amsgrad = Amsgrad.Raw });
            optimizer.Step();
            float moment = tensor.GetState<float>(SlotNames.ExpAvg)[0];
            tensor.Group = frozen;
            Assert.Equal((object)frozen, tensor.Group);
            Assert.Equal(moment, tensor.GetState<float>(SlotNames.ExpAvg)[0]);
            float stepped = param[0];
            optimizer.Step();
            Assert.Equal(stepped, param[0]);
            Assert.Equal(1, tensor.Step);
            OptStateException error = Assert.Throws<OptStateException>(() => tensor.Group = larger);
            Assert.Contains("'amsgrad'", error.Message);
            Assert.Throws<OptArgumentException>(() => tensor.Group = other.Groups[0]);
            Assert.Throws<OptArgumentException>(() => tensor.Group = optimizer.AllGroups);
            Assert.Throws<System.ArgumentNullException>(() => tensor.Group = null);
            Assert.Equal((object)frozen, tensor.Group);
        }
    }

    [Fact]
    public void AGroupHasTheOptionsOfItsRuleAlone()
    {
        using (Optimizer optimizer = new Optimizer(new AdamW { Lr = 0.5, Beta2 = 0.75 }))
        {
            AdamW values = optimizer.Groups[0].Get<AdamW>();
            Assert.Equal(0.75, values.Beta2.Value);
            Assert.Equal(0.01, values.WeightDecay.Value);
            Assert.Equal(Amsgrad.Off, values.Amsgrad.Value);
            Assert.Throws<OptArgumentException>(() => optimizer.Groups[0].Get<Sgd>());
            OptArgumentException error = Assert.Throws<OptArgumentException>(
                () => optimizer.Groups[0].Set(new Sgd { Momentum = 0.9 }));
            Assert.Contains("'adamw'", error.Message);
            Assert.Contains("'sgd'", error.Message);
        }
    }

    [Fact]
    public void EveryRuleHasTheOptionsThatAGroupHasAsProperties()
    {
        foreach (Rule rule in Library.Rules)
        {
            using (Optimizer optimizer = new Optimizer(rule.Name))
            {
                Group group = optimizer.Groups[0];
                Assert.True(group.Lr > 0 && group.WeightDecay >= 0 && !group.Maximize && !group.Frozen);
            }
        }
    }

    [Fact]
    public void APresetIsOverriddenByOptions()
    {
        using (Optimizer optimizer = new Optimizer(
            new RmsProp { Preset = Presets.Pytorch, Eps = 0.5, Centered = true }))
        {
            RmsProp values = optimizer.AllGroups.Get<RmsProp>();
            Assert.Equal(0.99, values.Alpha.Value);
            Assert.Equal(0.5, values.Eps.Value);
            Assert.True(values.Centered.Value);
            Assert.Equal(EpsPlacement.Outside, values.EpsPlacement.Value);
            optimizer.AllGroups.SetPreset(Presets.Textbook);
            Assert.Equal(0.9, optimizer.AllGroups[OptionNames.Alpha]);
            optimizer.AllGroups.Set(new RmsProp { EpsPlacement = EpsPlacement.Outside });
            optimizer.AllGroups.Maximize = true;
            Assert.Equal(1.0, optimizer.AllGroups["eps_placement"]);
            Assert.Equal(1.0, optimizer.AllGroups["maximize"]);
        }

        Assert.Throws<OptArgumentException>(() => new Optimizer(new Lion { Preset = "jax" }));
    }

    [Fact]
    public void WhatIsSetOnARuleCanBeReadAndTakenBack()
    {
        Adam rule = new Adam { Beta1 = 0.5, Amsgrad = Amsgrad.Raw, EpsPlacement = EpsPlacement.Hat };
        Assert.Equal(0.5, rule.Beta1.Value);
        Assert.Equal(Amsgrad.Raw, rule.Amsgrad.Value);
        Assert.Equal(EpsPlacement.Hat, rule.EpsPlacement.Value);
        Assert.True(rule.Lr == null && rule.Maximize == null);
        rule.Beta1 = null;
        using (Optimizer optimizer = new Optimizer(rule))
        {
            Assert.Equal(0.9, optimizer.AllGroups["beta1"]);
            Assert.True(optimizer.AllGroups["amsgrad"] != 0);
        }
    }

    [Fact]
    public void EveryRuleHasAClassWithEveryOption()
    {
        var classes = typeof(RuleOptions).Assembly.GetExportedTypes()
            .Where(type => type.BaseType == typeof(RuleOptions));
        string[] names = classes.Select(type => ((RuleOptions)System.Activator.CreateInstance(type)).Name)
            .OrderBy(name => name, System.StringComparer.Ordinal).ToArray();
        string[] expected = Library.Rules.Select(rule => rule.Name)
            .Concat(Library.Aliases.Select(alias => alias.Name))
            .OrderBy(name => name, System.StringComparer.Ordinal).ToArray();
        Assert.Equal(expected, names);
        foreach (System.Type type in classes)
        {
            RuleOptions rule = (RuleOptions)System.Activator.CreateInstance(type);
            using (Optimizer optimizer = new Optimizer(rule))
            {
                Rule info = Library.FindRule(rule.Name);
                foreach (Option option in info.Options)
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
