# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""A schedule tells what it is made of."""

import pytest

import libopt
from libopt import SchedulePart, schedules


def test_a_schedule_of_one_part_tells_all_of_its_options():
    part, = schedules.OneCycle(10, div_factor=2, anneal='linear').parts
    assert isinstance(part, SchedulePart)
    assert (part.kind, part.begin, part.end) == ('one_cycle', 0, None)
    assert part.options['total_steps'] == 10
    assert part.options['div_factor'] == 2
    assert part.options['anneal'] == 'linear'
    assert part.options['three_phase'] is False
    kind = next(kind for kind in libopt.schedule_kinds()
                if kind.name == 'one_cycle')
    assert list(part.options) == [option.name for option in kind.options]
    assert part.milestones == ()


def test_parts_tell_when_it_is_their_turn():
    schedule = schedules.Linear(total_iters=5).then(
        5, schedules.MultiStep([3, 4], gamma=0.5)).then(
        20, schedules.Constant())
    assert [(part.kind, part.begin, part.end) for part in schedule.parts] == [
        ('linear', 0, 5), ('multi_step', 5, 25), ('constant', 25, None)]
    assert schedule.parts[1].milestones == (3, 4)
    assert schedule.parts[1].options['gamma'] == 0.5
    assert repr(schedule).startswith('Schedule(linear(interval=1.0, ')
    assert 'milestones=(3, 4)) from step 5, constant(' in repr(schedule)
    on_top = schedules.Cosine(t_max=8).chain(schedules.Exponential(gamma=0.5))
    assert [(part.kind, part.begin, part.end) for part in on_top.parts] == [
        ('cosine', 0, None), ('exponential', 0, None)]


def test_the_schedule_of_an_option_is_looked_into_also_after_a_load():
    def make():
        return schedules.Plateau(mode='max', patience=3).chain(
            schedules.MultiStep([2]))

    with libopt.SGD({'w': libopt.TensorSpec(2)}, lr=1) as old:
        old.set_schedule('lr', make())
        with libopt.SGD({'w': libopt.TensorSpec(2)}) as new:
            new.load_bytes(old.save_bytes())
            found = new.param_groups[0].schedule('lr')
    assert found.parts == make().parts
    assert found.parts[0].options['mode'] == 'max'
    assert repr(found) == repr(make())


def test_a_copied_schedule_has_its_options_in_pythons_types():
    with libopt.SGD(lr=1) as optimizer:
        optimizer.set_schedule('lr', schedules.Plateau(mode='max'))
        copied = optimizer.schedule('lr')
        assert copied['mode'] == 'max'
        copied.set('mode', 'min')
        assert copied.parts[0].options['mode'] == 'min'
        with pytest.raises(libopt.OptionError, match="'mode'"):
            copied.set('mode', 'middle')
        with pytest.raises(libopt.UnknownNameError, match='modus'):
            copied.set('modus', 'min')
        assert optimizer.schedule('lr')['mode'] == 'max'
