#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""The trainer refuses data files that are missing, damaged or wrong.

usage: data_files.py <train>
"""

import gzip
import os

import tap
import tiny

train = tiny.Trainer()
IMAGES = 'train-images-idx3-ubyte.gz'
LABELS = 'train-labels-idx1-ubyte.gz'
REMEDY = 'dataset-fashion-mnist'


def compressed(name):
    with open(os.path.join(train.data, name), 'rb') as file:
        return file.read()


def patched(data, offset, *values):
    return data[:offset] + bytes(values) + data[offset + len(values):]


def refused(what, name, raw, *texts):
    """Puts `raw` in place of one file for one run."""
    path = os.path.join(train.data, name)
    good = compressed(name)
    with open(path, 'wb') as file:
        file.write(raw)
    result = train('--rule', 'gd', '--epochs', '1')
    with open(path, 'wb') as file:
        file.write(good)
    tap.case(f'{what} is refused',
             tiny.expect(result, 1, path, REMEDY, *texts))


def missing_files():
    for name in tiny.files():
        path = os.path.join(train.data, name)
        os.rename(path, path + '.away')
        result = train('--rule', 'gd')
        os.rename(path + '.away', path)
        tap.case(f'a missing {name} is an error that names it',
                 tiny.expect(result, 1, f'cannot open {path}', 'No such file',
                             REMEDY))
    result = train('--data', train.path('nowhere'))
    tap.case('a missing directory is an error that names it',
             tiny.expect(result, 1, train.path('nowhere'), 'No such file'))


def main():
    missing_files()
    images, labels = (gzip.decompress(compressed(n)) for n in (IMAGES, LABELS))
    size = len(images)

    def zipped(data):
        return gzip.compress(data, 1)

    raw = compressed(IMAGES)
    refused('a gzip file cut in half', IMAGES, raw[:len(raw) // 2],
            'truncated', f' of {size} bytes (uncompressed)')
    refused('a gzip file without its last byte', IMAGES, raw[:-1],
            'truncated: its checksum is cut off')
    refused('an empty file', IMAGES, b'', 'truncated: it ends after 0 of 4 bytes')
    refused('a header cut short', LABELS, zipped(labels[:6]),
            'truncated: it ends after 6 of 8 bytes (uncompressed)')
    refused('an image too few', IMAGES, zipped(images[:-784]),
            f'it ends after {size - 784} of {size} bytes (uncompressed)')
    refused('a byte too many', IMAGES, zipped(images + b'x'),
            f'more data after byte {size}')
    refused('a byte after the gzip data', IMAGES, raw + b'x',
            f'more data after byte {size}')
    refused('a wrong checksum', IMAGES,
            patched(raw, len(raw) - 8, raw[-8] ^ 1), 'damaged')
    refused('a file that is not compressed', IMAGES, images,
            'damaged after byte 0', 'incorrect header check')
    refused('labels in place of images', IMAGES, zipped(labels),
            'magic number at byte 0 is 2049 (0x00000801), not 2051')
    refused('another image height', IMAGES, zipped(patched(images, 11, 27)),
            'image height at byte 8 is 27', 'not 28')
    refused('another image width', IMAGES, zipped(patched(images, 15, 29)),
            'image width at byte 12 is 29', 'not 28')
    refused('a file without images', IMAGES,
            zipped(tiny.images_file([])), 'item count at byte 4 is 0')
    refused('a count beyond reason', IMAGES,
            zipped(patched(images, 4, 255, 255, 255, 255)),
            'item count at byte 4 is 4294967295')
    refused('another number of labels', LABELS,
            zipped(tiny.labels_file([1, 2, 3])), '3 labels for 160 images')
    refused('a label out of range', LABELS, zipped(patched(labels, 17, 10)),
            'label at byte 17 is 10, not in 0 to 9')
    tap.finish()


main()
