/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * The part of zlib that libopt and its tests call, for builds whose system
 * has none.
 */
#ifndef OPT_CMAKE_ZLIB_ZLIB_H_
#define OPT_CMAKE_ZLIB_ZLIB_H_

#include <stddef.h>

typedef unsigned char Bytef;
typedef unsigned long uLong;
typedef size_t z_size_t;

/* Four bits at a time: a table of all bytes would pay only for more data. */
static inline uLong crc32_z(uLong crc, const Bytef* data, z_size_t size) {
  static const unsigned int kRemainders[16] = {
      0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
      0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
      0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c};
  if (data == NULL) return 0;
  crc ^= 0xffffffff;
  for (z_size_t i = 0; i < size; ++i) {
    crc ^= data[i];
    crc = (crc >> 4) ^ kRemainders[crc & 15];
    crc = (crc >> 4) ^ kRemainders[crc & 15];
  }
  return crc ^ 0xffffffff;
}

static inline uLong crc32(uLong crc, const Bytef* data, unsigned size) {
  return crc32_z(crc, data, size);
}

#endif /* OPT_CMAKE_ZLIB_ZLIB_H_ */
