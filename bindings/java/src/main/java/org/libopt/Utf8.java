// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

package org.libopt;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Texts as C has them. */
final class Utf8 {
  private Utf8() {}

  /** UTF-8 with a zero byte at its end; null is null. */
  static byte[] bytes(String text) {
    if (text == null) {
      return null;
    }
    if (text.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("a text with a NUL character: " + text.replace('\0', '?'));
    }
    try {
      ByteBuffer encoded = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
      byte[] bytes = new byte[encoded.remaining() + 1];
      encoded.get(bytes, 0, bytes.length - 1);
      return bytes;
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException("a text with half a surrogate pair: " + text, e);
    }
  }

  static String text(byte[] bytes) {
    return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
  }
}
