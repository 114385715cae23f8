// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// A view of an array, as std::span of C++20. Include <opt/opt.hpp>.
#ifndef OPT_HPP_SPAN_HPP_
#define OPT_HPP_SPAN_HPP_

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <type_traits>
#include <utility>

#include "opt/hpp/error.hpp"
#include "opt/opt.h"

namespace opt {
inline namespace OPT_HPP_NAMESPACE {

template <typename T>
class Span {
 public:
  constexpr Span() = default;
  constexpr Span(T* data, size_t size) : data_(data), size_(size) {}
  template <size_t kSize>
  constexpr Span(T (&array)[kSize]) : Span(array, kSize) {}  // NOLINT: a view

  // Of anything contiguous: std::vector, std::array, std::span, a tensor class.
  template <typename Range,
            typename = std::enable_if_t<
                std::is_convertible_v<
                    std::remove_pointer_t<
                        decltype(std::declval<Range&>().data())> (*)[],
                    T (*)[]> &&
                std::is_convertible_v<decltype(std::declval<Range&>().size()),
                                      size_t>>>
  constexpr Span(Range&& range)  // NOLINT: a view
      : Span(range.data(), range.size()) {}

  // Of a list in braces, for the length of the call that it is given to.
  template <typename U = T, typename = std::enable_if_t<std::is_const_v<U>>>
  constexpr Span(std::initializer_list<std::remove_const_t<T>> list)
      : Span(list.begin(), list.size()) {}

  constexpr T* data() const { return data_; }
  constexpr size_t size() const { return size_; }
  constexpr bool empty() const { return size_ == 0; }
  constexpr T* begin() const { return data_; }
  constexpr T* end() const { return data_ + size_; }
  constexpr T& operator[](size_t i) const { return data_[i]; }

 private:
  T* data_ = nullptr;
  size_t size_ = 0;
};

// A span of a container, an array or a span, const if its elements are.
template <typename Range>
constexpr auto MakeSpan(Range& range) {
  return Span<std::remove_pointer_t<decltype(range.data())>>(range.data(),
                                                             range.size());
}
template <typename T, size_t kSize>
constexpr Span<T> MakeSpan(T (&array)[kSize]) {
  return Span<T>(array, kSize);
}

using DType = opt_dtype;

// The dtype of a C++ type: float, double, uint8_t, int64_t.
template <typename T>
constexpr DType DTypeOf() {
  using Element = std::remove_const_t<T>;
  if constexpr (std::is_same_v<Element, float>) {
    return OPT_F32;
  } else if constexpr (std::is_same_v<Element, double>) {
    return OPT_F64;
  } else if constexpr (std::is_same_v<Element, int64_t>) {
    return OPT_I64;
  } else {
    static_assert(sizeof(Element) == 1 && std::is_trivial_v<Element>,
                  "libopt has float, double, int64_t and bytes");
    return OPT_U8;
  }
}

namespace internal {

// The type of a dtype's elements, for messages.
inline const char* TypeName(DType dtype) {
  switch (dtype) {
    case OPT_F32:
      return "float";
    case OPT_F64:
      return "double";
    case OPT_I64:
      return "int64_t";
    default:
      return "bytes";
  }
}

}  // namespace internal
}  // namespace OPT_HPP_NAMESPACE
}  // namespace opt

#endif  // OPT_HPP_SPAN_HPP_
