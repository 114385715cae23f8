/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * What libopt and its tests call of zlib, for aarch64.
 */
#ifndef OPT_CMAKE_AARCH64_ZLIB_ZLIB_H_
#define OPT_CMAKE_AARCH64_ZLIB_ZLIB_H_

#include <stddef.h>

typedef unsigned char Bytef;
typedef unsigned long uLong;
typedef size_t z_size_t;

static inline uLong crc32_z(uLong crc, const Bytef* data, z_size_t size) {
  if (data == NULL) return 0;
  crc ^= 0xffffffff;
  for (z_size_t i = 0; i < size; ++i) {
    crc ^= data[i];
    for (int bit = 0; bit < 8; ++bit) {
      crc = (crc >> 1) ^ (0xedb88320 & -(crc & 1));
    }
  }
  return crc ^ 0xffffffff;
}

static inline uLong crc32(uLong crc, const Bytef* data, unsigned size) {
  return crc32_z(crc, data, size);
}

#endif /* OPT_CMAKE_AARCH64_ZLIB_ZLIB_H_ */
