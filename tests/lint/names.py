#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""The names of the C API follow its rules, so that one who knows some of them
can tell the others. What the rules do not give is in the lists here."""

import re

import declarations
import tap
import tree

# A function is opt_<object>_<verb>, but the main object, the optimizer, does
# not name itself.
OBJECTS = ('alias', 'attribute', 'average', 'checkpoint', 'context', 'option',
           'preset', 'rule', 'scaler', 'schedule', 'schedule_kind',
           'schedule_option', 'schedule_part', 'slot', 'step', 'target', 'tensor')
VERBS = ('abandon', 'at', 'begin', 'chain', 'close', 'count', 'create', 'destroy', 'find', 'get',
         'get_info', 'open_file', 'open_memory', 'read', 'set', 'set_group',
         'set_milestones', 'set_scale', 'set_step', 'slice', 'start', 'stop', 'swap',
         'then', 'value')
OPTIMIZER_VERBS = (
    'accumulate', 'add_group', 'attach', 'bind', 'clip_grads', 'clone',
    'copy_schedule', 'create', 'destroy', 'detach', 'discard', 'get',
    'get_attribute', 'get_info', 'get_scheduled', 'grad_norm',
    'load_callback', 'load_checkpoint', 'load_file', 'load_memory',
    'read_eval_weights', 'report_metric', 'save_callback', 'save_file', 'save_memory', 'set',
    'set_attribute', 'set_options', 'set_preset', 'set_schedule',
    'state_bytes', 'state_view', 'step', 'swap_eval_weights', 'zero_grads')
LIBRARY_VERBS = ('build_info', 'catalog', 'last_error', 'shutdown',
                 'status_name', 'version', 'version_number')

# Objects with handles of their own: their functions take the handle first, but
# for those that create it and those about kinds, which are constant.
HANDLES = ('context', 'schedule', 'checkpoint', 'optimizer')
CREATORS = ('create', 'open_file', 'open_memory')

# Parameters of these types describe something.
DESCRIPTION = re.compile(r'opt_(\w+_)?info\*')

# Constants beside those that carry their kind and the names of options.
BARE = re.compile(r'OPT_(OK|API|NODISCARD|F32|F64|BF16|U8|I64|ALL_CORES|'
                  r'ALL_GROUPS|INITIAL_PARAM|REMAINING|'
                  r'VERSION_(MAJOR|MINOR|PATCH|NUMBER)|(\w+_)?INIT|OPT_(\w+_)?H_)')
PREFIXES = {'opt_status': 'OPT_ERR_'}
# The kinds of names in opt_names.h; options have no prefix.
NAME_KINDS = ('', 'RULE_', 'TENSOR_', 'PRESET_', 'SLOT_', 'SCHEDULE_')
NAMES = 'include/opt/opt_names.h'

WITHOUT_SIZE = ('opt_option_value',)  # it never grows


def faults_of_function(match):
    """Yields in what a function is named against the rules."""
    name = match['name'].removeprefix('opt_')
    types = [kind.replace(' ', '') for kind, _ in
             declarations.parameters(match)]
    owner = next((one for one in sorted(OBJECTS, key=len, reverse=True)
                  if name.startswith(one + '_') and
                  name[len(one) + 1:] in VERBS), None)
    if owner is None and name in OPTIMIZER_VERBS:
        owner = 'optimizer'
    verb = name.removeprefix(f'{owner}_')
    if owner is None and name not in LIBRARY_VERBS:
        yield 'neither opt_<object>_<verb> nor a verb of the optimizer'
    if owner in HANDLES and verb not in CREATORS:
        if types[:1] != [f'opt_{owner}']:
            yield f'its first parameter is no opt_{owner}'
    if any(map(DESCRIPTION.fullmatch, types)) and not re.search(
            r'(^|_)(get_info|at|find)$', name):
        yield 'it describes something: that is *_get_info, *_at or *_find'


def uncounted(functions, members):
    """Yields the lists of which no function or member tells the length, and
    the lookups of what is in no list."""
    for name in sorted(functions):
        stem = name.removesuffix('_at')
        if name != stem and f'{stem}_count' not in functions:
            last = stem.removeprefix('opt_').removeprefix('schedule_')
            if f'{last}_count' not in members:
                yield f'{name}: there is neither {stem}_count() nor a member ' \
                      f'{last}_count'
        stem = name.removesuffix('_find')
        if name != stem and f'{stem}_at' not in functions:
            yield f'{name}: there is no {stem}_at()'


def prefix_of(type_name):
    """With what the constants of a type begin."""
    stem = re.sub(r'_(flags|kind|level)$', '', type_name)
    return PREFIXES.get(type_name, stem.upper() + '_')


def faults_of_enum(match):
    """Yields what is wrong with a type and its constants."""
    name, is_set = match['name'], match['name'].endswith('_flags')
    if match['type'] != ('uint32_t' if is_set else 'int32_t'):
        yield 'a set of flags is a uint32_t, another type an int32_t'
    values = []
    for part, _ in declarations.parts(declarations.CONSTANT,
                                      match['constants']):
        value = int(part['value'])
        if not (part['text'].startswith(prefix_of(name)) or
                BARE.fullmatch(part['text'])):
            yield f'{part["text"]} does not begin with {prefix_of(name)}'
        if is_set and (value & (value - 1) or value == 0):
            yield f'{part["text"]} is {value}, not one bit'
        if value in values:
            yield f'{part["text"]} is {value}, as another constant'
        values.append(value)


def faults_of_struct(match):
    """Yields what is wrong with a struct, its flags and its initializer."""
    name = match['name']
    members = [(declarations.member_name(part['text']), part['text'], comment)
               for part, comment in
               declarations.parts(declarations.MEMBER, match['members'])]
    if match['tag'] != name:
        yield f'its tag is {match["tag"]}'
    for member, text, comment in members:
        kind = re.sub(r' ?\w+$', '', text)
        own = re.fullmatch(r'(opt_\w+)_flags', kind)
        is_own = own and f'{name}_'.startswith(f'{own[1]}_')
        if member == 'flags' and comment != '0' and not is_own:
            yield f'its flags are {kind}, which is no type of its own'
    if name in WITHOUT_SIZE:
        return
    if members[0][1] != 'uint32_t struct_size':
        yield 'it does not begin with uint32_t struct_size'
    initializer = re.fullmatch(
        rf'\s*{declarations.COMMENT}\n#define {name.upper()}_INIT \\\n'
        rf'  \{{ sizeof\({name}\)(.*) \}}', match['behind'] or '')
    if initializer is None:
        yield f'{name.upper()}_INIT is not right behind it'
    elif initializer[1].count(',') + 1 != len(members):
        yield f'{name.upper()}_INIT is not as long as the struct'
    if f'SIZE({name}, ' not in tree.read('tests/abi/layout.c'):
        yield 'tests/abi/layout.c does not know it'


def strays(path, text):
    """Yields the macros of a header that no rule allows."""
    names = set()
    for match in declarations.MACRO.finditer(text):
        name, value = match['name'], match['value']
        if BARE.fullmatch(name):
            continue
        if path != NAMES:
            yield f'{name} is in no list of exceptions'
        elif value.startswith('"'):
            names.add(name)
            allowed = [f'OPT_{kind}{value.strip(chr(34)).upper()}'
                       for kind in NAME_KINDS]
            if name not in allowed:
                yield f'{name} is {value}'
        elif not any(name.startswith(known + '_') for known in names):
            yield f'{name} is the value of no option'


def undeclared(text):
    """Yields the enums of a header that no type names."""
    types = len(declarations.ENUM.findall(text))
    if len(re.findall(r'^enum\b', text, re.M)) != types:
        yield 'an enum without "typedef int32_t opt_x;" right before it'


def main():
    functions = {}
    for path, match in declarations.found(declarations.FUNCTION):
        functions.setdefault(match['name'], []).append(path)
        tap.case(match['name'], faults_of_function(match))
    members = set()
    for _, match in declarations.found(declarations.STRUCT):
        members.update(declarations.member_name(part['text']) for part, _ in
                       declarations.parts(declarations.MEMBER,
                                          match['members']))
        tap.case(match['name'], faults_of_struct(match))
    for _, match in declarations.found(declarations.ENUM):
        tap.case(match['name'], faults_of_enum(match))
    tap.case('every list can be counted, and every lookup has a list',
             uncounted(set(functions), members))
    tap.case('every function is in one header',
             [f'{name}: {paths}' for name, paths in functions.items()
              if len(paths) != 1])
    top = tree.read('include/opt/opt.h')
    for path, text in declarations.headers().items():
        tap.case(f'{path}: macros and enums',
                 [*strays(path, text), *undeclared(text)])
        name = path.removeprefix('include/')
        tap.case(f'{path} is a part of opt.h',
                 '' if name == 'opt/opt.h' or f'#include "{name}"' in top
                 else 'opt.h does not include it')
    tap.finish()


main()
