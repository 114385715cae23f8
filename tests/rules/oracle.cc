// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "tests/rules/oracle.h"

#include <algorithm>

#include "tests/rules/oracle_parts.h"

namespace opt_test {
namespace {

After Sgd(const Options& o, int64_t t, const Before& before) {
  const Common common(o);
  const long double mu = o.at("momentum");
  const bool nesterov = o.at("nesterov") != 0;
  // Keras: v = mu v - eta g; theta = theta + v.
  const bool lr_in_velocity = o.at("lr_in_velocity") != 0;
  const long double inner = lr_in_velocity ? -common.lr : 1.0L;
  const long double outer = lr_in_velocity ? -1.0L : common.lr;
  // PyTorch: v = g at the first step, and tau means nothing without momentum.
  const bool first = t == 1 || mu == 0;
  const long double damp = first && o.at("first_step_dampened") == 0
                               ? 1.0L
                               : 1.0L - o.at("dampening");

  After after;
  for (size_t i = 0; i < before.param.size(); ++i) {
    const Tracked g = common.Gradient(before.grad[i], before.param[i]);
    Tracked v = Scalar(damp * inner) * g;
    if (mu != 0) {
      v = Scalar(mu) * before.slots.at("momentum_buffer")[i] + v;
      after.slots["momentum_buffer"].push_back(v);
    }
    const Tracked direction = nesterov ? inner * g + mu * v : v;
    after.update.push_back(common.Update(outer * direction, before.param[i]));
  }
  return after;
}

After AdaGrad(const Options& o, int64_t t, const Before& before) {
  const Common common(o);
  const long double eps = o.at("eps");
  const bool outside = o.at("eps_placement") == 1;
  const long double rate =
      common.lr / (1 + static_cast<long double>(t - 1) * o.at("lr_decay"));

  After after;
  for (size_t i = 0; i < before.param.size(); ++i) {
    const Tracked g = common.Gradient(before.grad[i], before.param[i]);
    const Tracked sum = before.slots.at("sum")[i] + g * g;
    const Tracked root = outside ? Sqrt(sum) + eps : Sqrt(sum + eps);
    after.slots["sum"].push_back(sum);
    after.update.push_back(common.Update(rate / root * g, before.param[i]));
  }
  return after;
}

// Of a vector, whose rows are its elements.
After RowwiseAdaGrad(const Options& o, int64_t t, const Before& before) {
  return AdaGrad(o, t, before);
}

After RmsProp(const Options& o, int64_t t, const Before& before) {
  const Common common(o);
  const long double beta = o.at("alpha");
  const long double eps = o.at("eps");
  const bool outside = o.at("eps_placement") == 1;
  const bool centered = o.at("centered") != 0;
  const long double mu = o.at("momentum");
  // Keras and Optax: v = mu v + eta g / root; theta = theta - v.
  const bool lr_in_velocity = o.at("lr_in_velocity") != 0;
  const long double inner = lr_in_velocity ? common.lr : 1.0L;
  const long double outer = lr_in_velocity ? 1.0L : common.lr;
  const bool nesterov = o.at("nesterov") != 0;
  // With beta = 1 nothing is averaged that could have a bias.
  const bool correct = o.at("bias_correction") != 0 && beta < 1;
  const long double bias = correct ? BiasCorrection(o.at("alpha"), t) : 1.0L;

  After after;
  for (size_t i = 0; i < before.param.size(); ++i) {
    const Tracked g = common.Gradient(before.grad[i], before.param[i]);
    const Tracked square =
        Average(beta, before.slots.at("square_avg")[i], g * g);
    after.slots["square_avg"].push_back(square);
    Tracked spread = square / bias;
    if (centered) {
      const Tracked mean =
          SignedAverage(beta, before.slots.at("grad_avg")[i], g);
      after.slots["grad_avg"].push_back(mean);
      // Where it is zero its roundings are not.
      spread = square / bias - mean / bias * (mean / bias);
      spread.value = std::max(spread.value, 0.0L);
    }
    // The velocity takes the root as it is: half of what square_avg may be off
    // by, and its own roundings.
    const Tracked root =
        Rounded(outside ? Sqrt(spread) + eps : Sqrt(spread + eps), 4);
    const Tracked scaled = Scalar(inner) * g / root;
    Tracked direction = scaled;
    if (mu != 0) {
      const Tracked buffer =
          Scalar(mu) * before.slots.at("momentum_buffer")[i] + scaled;
      after.slots["momentum_buffer"].push_back(buffer);
      // The scaled gradient, with its roundings, is in both terms.
      direction = nesterov ? Wider(scaled + Scalar(mu) * buffer) : buffer;
    }
    after.update.push_back(common.Update(outer * direction, before.param[i]));
  }
  return after;
}

// The first moment that Adam and its kin step along. `kind` is the option
// nesterov: NAdam as Optax has it, or as MLCommons.
Tracked FirstMoment(double kind, double beta1, int64_t t, bool correct,
                    const Tracked& m, const Tracked& g) {
  const long double now = correct ? BiasCorrection(beta1, t) : 1.0L;
  const long double later = correct ? BiasCorrection(beta1, t + 1) : 1.0L;
  const long double beta = beta1;
  if (kind == 1) return beta / later * m + (1 - beta) / now * g;
  if (kind == 2) return (beta * m + (1 - beta) * g) / now;
  return m / now;
}

After Adam(const Options& o, int64_t t, const Before& before) {
  enum Placement { kInside = 0, kOutside = 1, kHat = 2 };
  const Common common(o);
  const long double beta1 = o.at("beta1");
  const long double beta2 = o.at("beta2");
  const long double eps = o.at("eps");
  const long double eps_root = o.at("eps_root");
  const int placement = static_cast<int>(o.at("eps_placement"));
  enum Amsgrad { kOff = 0, kRaw = 1, kCorrected = 2 };
  const auto amsgrad = static_cast<Amsgrad>(o.at("amsgrad"));
  const bool correct = o.at("bias_correction") != 0;
  const long double c2 = correct ? BiasCorrection(o.at("beta2"), t) : 1.0L;

  After after;
  for (size_t i = 0; i < before.param.size(); ++i) {
    const Tracked g = common.Gradient(before.grad[i], before.param[i]);
    const Tracked m = SignedAverage(beta1, before.slots.at("exp_avg")[i], g);
    const Tracked v = Average(beta2, before.slots.at("exp_avg_sq")[i], g * g);
    after.slots["exp_avg"].push_back(m);
    after.slots["exp_avg_sq"].push_back(v);
    Tracked v_hat = v / c2;
    if (amsgrad != kOff) {
      // v_hat is made of a v that has been rounded, and of a rounded factor.
      const Tracked second = Max(before.slots.at("max_exp_avg_sq")[i],
                                 amsgrad == kCorrected ? Rounded(v_hat, 2) : v);
      after.slots["max_exp_avg_sq"].push_back(second);
      v_hat = amsgrad == kCorrected ? second : second / c2;
    }
    Tracked root;
    if (placement == kInside) {
      root = Sqrt(v_hat + eps_root + eps);
    } else if (placement == kOutside) {
      root = Sqrt(v_hat + eps_root) + eps;
    } else {
      // Keras: eta sqrt(c2) / c1 * m / (sqrt(v) + eps)
      root = Sqrt(v_hat + eps_root) + eps / std::sqrt(c2);
    }
    const Tracked m_hat =
        FirstMoment(o.at("nesterov"), o.at("beta1"), t, correct, m, g);
    const Tracked step = common.lr / root * m_hat;
    after.update.push_back(common.Update(step, before.param[i]));
  }
  return after;
}

// An error of x is at most as large in its hyperbolic tangent, which takes some
// 25 roundings to compute.
Tracked Tanh(const Tracked& x) {
  const long double value = std::tanh(x.value);
  return Rounded(
      {value,
       std::max(std::fabs(value), std::fabs(value) / std::fabs(x.value) *
                                      x.scale * (1 - value * value)),
       x.inherited},
      25);
}

After Lion(const Options& o, int64_t /*t*/, const Before& before) {
  const Common common(o);
  After after;
  for (size_t i = 0; i < before.param.size(); ++i) {
    const Tracked g = common.Gradient(before.grad[i], before.param[i]);
    const long double m = before.slots.at("exp_avg")[i];
    const Tracked c = SignedAverage(o.at("beta1"), m, g);
    after.slots["exp_avg"].push_back(SignedAverage(o.at("beta2"), m, g));
    const bool is_refined = o.at("mode") == 1;
    Tracked sign = is_refined && std::fabs(c.value) < 1 ? c : Sign(c);
    if (o.at("mode") == 2) sign = Tanh(Scalar(o.at("sharpness")) * Rounded(c));
    after.update.push_back(common.Update(common.lr * sign, before.param[i]));
  }
  return after;
}

// 0.96^x for x >= 0, by the series of exp. pow() of some systems is off by a
// unit in the last place, which cancels into several of the update.
double PowerOfMomentumDecay(double x) {
  long double y = x * std::log(static_cast<long double>(0.96));
  int squarings = 0;
  for (; y < -1; y /= 2) ++squarings;
  long double sum = 1;
  long double term = 1;
  for (int k = 1; k < 30; ++k) {
    term *= y / k;
    sum += term;
  }
  for (; squarings > 0; --squarings) sum *= sum;
  return static_cast<double>(sum);
}

// Dozat's schedule of the momentum factor.
double MomentumOf(const Options& o, int64_t t) {
  const double x = static_cast<double>(t) * o.at("momentum_decay");
  return o.at("beta1") * (1 - 0.5 * PowerOfMomentumDecay(x));
}

After NAdam(const Options& o, int64_t t, const Before& before) {
  enum Placement { kInside = 0, kOutside = 1, kHat = 2 };
  const Common common(o);
  const long double eps = o.at("eps");
  const int placement = static_cast<int>(o.at("eps_placement"));
  // In double, as BiasCorrection(): these may be close to 1.
  const double now = MomentumOf(o, t);
  const double next = MomentumOf(o, t + 1);
  const double product =
      static_cast<double>(before.slots.at("mu_product")[0]) * now;
  const double c2 = BiasCorrection(o.at("beta2"), t);

  After after;
  after.slots["mu_product"].push_back(Rounded(product, 4));
  for (size_t i = 0; i < before.param.size(); ++i) {
    const Tracked g = common.Gradient(before.grad[i], before.param[i]);
    const Tracked m =
        SignedAverage(o.at("beta1"), before.slots.at("exp_avg")[i], g);
    const Tracked v =
        Average(o.at("beta2"), before.slots.at("exp_avg_sq")[i], g * g);
    after.slots["exp_avg"].push_back(m);
    after.slots["exp_avg_sq"].push_back(v);
    const Tracked v_hat = v / c2;
    const Tracked root = placement == kInside ? Sqrt(v_hat + eps)
                         : placement == kOutside
                             ? Sqrt(v_hat) + eps
                             : Sqrt(v_hat) + eps / std::sqrt(c2);
    const Tracked direction =
        (1 - now) / (1 - product) * g + next / (1 - product * next) * m;
    after.update.push_back(
        common.Update(common.lr * direction / root, before.param[i]));
  }
  return after;
}

After Adadelta(const Options& o, int64_t /*t*/, const Before& before) {
  const Common common(o);
  const long double rho = o.at("rho");
  const long double eps = o.at("eps");
  After after;
  for (size_t i = 0; i < before.param.size(); ++i) {
    const Tracked g = common.Gradient(before.grad[i], before.param[i]);
    const long double past = before.slots.at("acc_delta")[i];
    const Tracked square =
        Average(rho, before.slots.at("square_avg")[i], g * g);
    // The update takes the average as it is stored.
    const Tracked update = Rounded(
        Sqrt(past + Scalar(eps)) / Sqrt(Rounded(square, 2) + Scalar(eps)) * g,
        3);
    after.slots["square_avg"].push_back(square);
    after.slots["acc_delta"].push_back(Average(rho, past, update * update));
    after.update.push_back(common.Update(common.lr * update, before.param[i]));
  }
  return after;
}

After Adamax(const Options& o, int64_t t, const Before& before) {
  const Common common(o);
  const long double eps = o.at("eps");
  const bool in_max = o.at("eps_placement") == 0;
  const long double c1 =
      o.at("bias_correction") != 0 ? BiasCorrection(o.at("beta1"), t) : 1.0L;
  After after;
  for (size_t i = 0; i < before.param.size(); ++i) {
    const Tracked g = common.Gradient(before.grad[i], before.param[i]);
    const Tracked m =
        SignedAverage(o.at("beta1"), before.slots.at("exp_avg")[i], g);
    const Tracked size = g.value < 0 ? -g : g;
    const Tracked old = Scalar(o.at("beta2")) * before.slots.at("exp_inf")[i];
    const Tracked norm = Max(old, in_max ? size + Scalar(eps) : size);
    after.slots["exp_avg"].push_back(m);
    after.slots["exp_inf"].push_back(norm);
    const Tracked divisor = in_max ? norm : norm + Scalar(eps);
    after.update.push_back(
        common.Update(common.lr * (m / c1) / divisor, before.param[i]));
  }
  return after;
}

After RAdam(const Options& o, int64_t t, const Before& before) {
  const Common common(o);
  const long double eps = o.at("eps");
  const double beta2 = o.at("beta2");
  // In double, as BiasCorrection().
  const double c2 = BiasCorrection(beta2, t);
  const double rho_inf = 2 / (1 - beta2) - 1;
  const double rho = rho_inf - 2 * static_cast<double>(t) * (1 - c2) / c2;
  const bool rectified = rho > o.at("rho_threshold");
  After after;
  for (size_t i = 0; i < before.param.size(); ++i) {
    const Tracked g = common.Gradient(before.grad[i], before.param[i]);
    const Tracked m =
        SignedAverage(o.at("beta1"), before.slots.at("exp_avg")[i], g);
    const Tracked v = Average(beta2, before.slots.at("exp_avg_sq")[i], g * g);
    after.slots["exp_avg"].push_back(m);
    after.slots["exp_avg_sq"].push_back(v);
    const Tracked m_hat =
        FirstMoment(o.at("nesterov"), o.at("beta1"), t, true, m, g);
    Tracked step = 0.0L;
    if (rectified) {
      // l = 1 / root is the adaptive rate, r the variance that it lacks.
      const long double l_inf = rho_inf;
      const long double r =
          std::sqrt((rho - 4.0L) / (l_inf - 4) * ((rho - 2.0L) / (l_inf - 2)) *
                    (l_inf / rho));
      const Tracked v_hat = v / c2 + Scalar(o.at("eps_root"));
      const int placement = static_cast<int>(o.at("eps_placement"));
      const Tracked root = placement == 0   ? Sqrt(v_hat + eps)
                           : placement == 1 ? Sqrt(v_hat) + eps
                                            : Sqrt(v_hat) + eps / std::sqrt(c2);
      step = common.lr * r * m_hat / root;
    } else if (o.at("degenerated_to_sgd") != 0) {
      step = common.lr * m_hat;
    }
    after.update.push_back(common.Update(step, before.param[i]));
  }
  return after;
}

After Rprop(const Options& o, int64_t t, const Before& before) {
  const Common common(o);
  After after;
  for (size_t i = 0; i < before.param.size(); ++i) {
    const Tracked g = common.Gradient(before.grad[i], before.param[i]);
    const bool first = t == 1;
    const Tracked product =
        first ? Tracked(0.0L) : g * before.slots.at("prev")[i];
    Tracked delta =
        first ? Scalar(common.lr) : Tracked(before.slots.at("step_size")[i]);
    if (product.value > 0) delta = Scalar(o.at("eta_plus")) * delta;
    if (product.value < 0) delta = Scalar(o.at("eta_minus")) * delta;
    delta = Max(Scalar(o.at("min_step_size")), delta);
    const Tracked largest = Scalar(o.at("max_step_size"));
    if (delta.value > largest.value) delta = largest;
    const Tracked kept = product.value < 0 ? Tracked(0.0L) : g;
    after.slots["step_size"].push_back(delta);
    after.slots["prev"].push_back(kept);
    after.update.push_back(common.Update(delta * Sign(kept), before.param[i]));
  }
  return after;
}

// The norm of a tensor, added up in double as the library documents it: element
// i of a block of 65,536 in lane i % 16.
double Norm(const std::vector<Tracked>& values) {
  constexpr size_t kBlock = 65536;
  double sum = 0;
  for (size_t begin = 0; begin < values.size(); begin += kBlock) {
    double lanes[16] = {};
    const size_t end = std::min(values.size(), begin + kBlock);
    for (size_t i = begin; i < end; ++i) {
      const auto x = static_cast<double>(values[i].value);
      lanes[(i - begin) % 16] += x * x;
    }
    for (size_t width = 8; width > 0; width /= 2) {
      for (size_t i = 0; i < width; ++i) lanes[i] += lanes[i + width];
    }
    sum += lanes[0];
  }
  return std::sqrt(sum);
}

// The norm of numbers that have been rounded: it may be off by as much as they
// are together.
Tracked RoundedNorm(const std::vector<Tracked>& values) {
  std::vector<Tracked> errors;
  for (const Tracked& x : values)
    errors.emplace_back(x.inherited + 4 * x.scale);
  const double norm = Norm(values);
  return {norm, norm, Norm(errors)};
}

std::vector<Tracked> Exact(const std::vector<long double>& values) {
  return {values.begin(), values.end()};
}

// The weight of the new part of a moment that is kept corrected. The power is
// made by squaring, since the C library of WebAssembly has none of long doubles
// that is better than that of doubles.
long double FreshShare(long double beta, int64_t t) {
  long double power = 1;
  for (long double factor = beta; t > 0; t /= 2, factor *= factor) {
    if (t % 2 == 1) power *= factor;
  }
  return (1 - beta) / (1 - power);
}

After StableAdamW(const Options& o, int64_t t, const Before& before) {
  const Common common(o);
  const long double keep1 = 1 - FreshShare(o.at("beta1"), t);
  const long double keep2 = 1 - FreshShare(o.at("beta2"), t);
  After after;
  for (size_t i = 0; i < before.param.size(); ++i) {
    const Tracked g = common.Gradient(before.grad[i], before.param[i]);
    const Tracked m = SignedAverage(keep1, before.slots.at("exp_avg")[i], g);
    const Tracked v = Average(keep2, before.slots.at("exp_avg_sq")[i], g * g);
    after.slots["exp_avg"].push_back(m);
    after.slots["exp_avg_sq"].push_back(v);
    const Tracked step =
        common.lr * Rounded(m, 3) / (Sqrt(Rounded(v, 3)) + Scalar(o.at("eps")));
    after.update.push_back(common.Update(step, before.param[i]));
  }
  return after;
}

After Lamb(const Options& o, int64_t t, const Before& before) {
  const Common common(o);
  const bool decay_in_update = o.at("weight_decay_kind") == 2;
  const long double decay = decay_in_update ? o.at("weight_decay") : 0;
  const bool correct = o.at("bias_correction") != 0;
  const long double c1 = correct ? BiasCorrection(o.at("beta1"), t) : 1.0L;
  const long double c2 = correct ? BiasCorrection(o.at("beta2"), t) : 1.0L;
  const long double eps = o.at("eps");
  const long double eps_root = o.at("eps_root");
  const int placement = static_cast<int>(o.at("eps_placement"));
  const long double beta3 =
      o.at("grad_averaging") != 0 ? 1 - o.at("beta1") : 1.0L;
  After after;
  std::vector<Tracked> grad;
  std::vector<Tracked> update;
  for (size_t i = 0; i < before.param.size(); ++i) {
    const Tracked g = common.Gradient(before.grad[i], before.param[i]);
    grad.push_back(g);
    const Tracked m =
        SignedAverage(o.at("beta1"), before.slots.at("exp_avg")[i], g);
    const Tracked v =
        Average(o.at("beta2"), before.slots.at("exp_avg_sq")[i], g * g);
    after.slots["exp_avg"].push_back(m);
    after.slots["exp_avg_sq"].push_back(v);
    const Tracked v_hat = v / c2 + eps_root;
    const Tracked root = placement == 0   ? Sqrt(v_hat + eps)
                         : placement == 1 ? Sqrt(v_hat) + eps
                                          : Sqrt(v_hat) + eps / std::sqrt(c2);
    update.push_back(beta3 / (1 - o.at("beta1")) * m / c1 / root);
  }
  BeCautious(o, grad, &update);
  for (size_t i = 0; i < update.size() && decay != 0; ++i) {
    update[i] = update[i] + Scalar(decay) * before.param[i];
  }
  const bool adapts =
      o.at("adapt_without_decay") != 0 || o.at("weight_decay") != 0;
  const bool shrinks =
      common.decoupled && ValueOf(o, "cautious_weight_decay") == 0;
  const auto decay_factor =
      static_cast<double>(1 - common.decay * CorrectionOfDecay(o));
  const double shrink = shrinks ? std::fabs(decay_factor) : 1;
  const double length = shrink * Norm(Exact(before.param));
  const Tracked norm = RoundedNorm(update);
  Tracked ratio = length > 0 && norm.value > 0 ? length / norm : 1;
  const long double most = o.at("trust_max");
  if (most > 0 && ratio.value > most) ratio = most;
  if (ratio.value < o.at("trust_min")) ratio = o.at("trust_min");
  if (!adapts) ratio = 1;
  for (size_t i = 0; i < update.size(); ++i) {
    after.update.push_back(CarefulUpdate(
        o, Wider(common.lr * ratio * update[i]), before.param[i]));
  }
  return after;
}

After Lars(const Options& o, int64_t t, const Before& before) {
  const Common common(o);
  const std::vector<Tracked> grad = Exact(before.grad);
  const double length = Norm(Exact(before.param));
  const int kind = static_cast<int>(o.at("trust_norm"));
  const bool adapts =
      o.at("adapt_without_decay") != 0 || o.at("weight_decay") != 0;
  const double decay = common.decoupled ? 0 : o.at("weight_decay");
  const auto ratio_for = [&](const Tracked& norm, double more) -> Tracked {
    if (!adapts || !(length > 0) || !(norm.value > 0)) return 1;
    const Tracked ratio = o.at("trust_coefficient") * length /
                          (norm + more * length + o.at("eps"));
    if (o.at("trust_clip") == 0 || o.at("lr") == 0) return ratio;
    const Tracked clipped = ratio / o.at("lr");
    return clipped.value > 1 ? 1 : clipped;
  };
  std::vector<Tracked> decayed;
  for (size_t i = 0; i < grad.size(); ++i) {
    decayed.push_back(common.Gradient(before.grad[i], before.param[i]));
  }
  const bool later = kind == 2 && adapts;
  const Tracked ratio = kind == 0   ? ratio_for(RoundedNorm(grad), decay)
                        : kind == 1 ? ratio_for(RoundedNorm(decayed), 0)
                                    : 1;
  Options sgd = o;
  sgd["weight_decay"] = 0;
  sgd["maximize"] = 0;
  if (later) sgd["lr"] = 1;
  if (later) sgd["lr_in_velocity"] = 0;
  // The formula of sgd, of gradients that are known to some roundings.
  const long double mu = o.at("momentum");
  const bool inside = sgd["lr_in_velocity"] != 0;
  const long double lr = sgd["lr"];
  const bool first = t == 1 || mu == 0;
  const long double damp =
      first && o.at("first_step_dampened") == 0 ? 1.0L : 1 - o.at("dampening");
  After after;
  std::vector<Tracked> scaled;
  std::vector<Tracked> update;
  for (size_t i = 0; i < grad.size(); ++i) {
    const Tracked g = Rounded(ratio * decayed[i], 2);
    scaled.push_back(g);
    Tracked v = Scalar(damp) * (inside ? -lr * g : g);
    if (mu != 0) {
      v = Scalar(mu) * before.slots.at("momentum_buffer")[i] + v;
      after.slots["momentum_buffer"].push_back(v);
    }
    const bool nesterov = o.at("nesterov") != 0;
    const Tracked direction =
        nesterov ? (inside ? -lr * g : g) + Scalar(mu) * v : v;
    update.push_back(inside ? -direction : lr * direction);
  }
  BeCautious(o, scaled, &update);
  const Tracked last =
      later ? ratio_for(RoundedNorm(update), 0) * o.at("lr") : 1;
  for (size_t i = 0; i < update.size(); ++i) {
    after.update.push_back(CarefulUpdate(o, last * update[i], before.param[i]));
  }
  return after;
}

After NovoGrad(const Options& o, int64_t t, const Before& before) {
  const Common common(o);
  const double squared = std::pow(Norm(Exact(before.grad)), 2);
  const auto old = static_cast<double>(before.slots.at("exp_avg_sq")[0]);
  const double v = t == 1 && o.at("init_zero") == 0
                       ? squared
                       : o.at("beta2") * old + (1 - o.at("beta2")) * squared;
  const bool correct = o.at("bias_correction") != 0;
  const double c1 = correct ? BiasCorrection(o.at("beta1"), t) : 1;
  const double c2 = correct ? BiasCorrection(o.at("beta2"), t) : 1;
  const double root = std::sqrt(v / c2 + o.at("eps_root")) + o.at("eps");
  const long double fresh =
      o.at("grad_averaging") != 0 ? 1 - o.at("beta1") : 1.0L;
  const bool later = o.at("normalize_moment") != 0;
  After after;
  std::vector<Tracked> grad;
  std::vector<Tracked> update;
  after.slots["exp_avg_sq"].push_back(Rounded(v, 4));
  for (size_t i = 0; i < before.grad.size(); ++i) {
    const Tracked g = common.sign * before.grad[i];
    Tracked sum = Rounded(later ? g : g / root, 2);
    if (!common.decoupled && common.weight_decay != 0) {
      sum =
          Rounded(sum + Rounded(Scalar(common.weight_decay) * before.param[i]));
    }
    const Tracked m = Scalar(o.at("beta1")) * before.slots.at("exp_avg")[i] +
                      Scalar(fresh) * sum;
    after.slots["exp_avg"].push_back(m);
    grad.push_back(sum);
    update.push_back(common.lr / c1 * (later ? m / root : m));
  }
  BeCautious(o, grad, &update);
  for (size_t i = 0; i < update.size(); ++i) {
    after.update.push_back(CarefulUpdate(o, update[i], before.param[i]));
  }
  return after;
}

After Signum(const Options& o, int64_t /*t*/, const Before& before) {
  const Common common(o);
  const long double beta = o.at("beta");
  After after;
  for (size_t i = 0; i < before.param.size(); ++i) {
    Tracked m = common.Gradient(before.grad[i], before.param[i]);
    if (beta != 0) {
      m = SignedAverage(beta, before.slots.at("exp_avg")[i], m);
      after.slots["exp_avg"].push_back(m);
    }
    after.update.push_back(common.Update(common.lr * Sign(m), before.param[i]));
  }
  return after;
}

After Ftrl(const Options& o, int64_t /*t*/, const Before& before) {
  const Common common(o);
  const long double l1 = o.at("l1");
  const long double l2 = (o.at("l2_doubled") != 0 ? 2 : 1) * o.at("l2");
  After after;
  for (size_t i = 0; i < before.param.size(); ++i) {
    const Tracked g = common.Gradient(before.grad[i], before.param[i]);
    // Keras: decoupled weight decay comes before the step.
    Tracked theta = before.param[i];
    if (common.decoupled && common.weight_decay != 0) {
      theta = Rounded(theta - Scalar(common.decay) * theta, 2);
    }
    const Tracked n0 = before.slots.at("accumulator")[i];
    const Tracked n = n0 + g * g;
    Tracked z = before.slots.at("linear")[i] + g +
                Scalar(2 * o.at("l2_shrinkage")) * theta;
    const Tracked root = Rounded(Sqrt(n), 2);
    if (common.lr != 0) {
      z = z - Rounded(root - Sqrt(n0)) / common.lr * theta;
    }
    after.slots["accumulator"].push_back(n);
    after.slots["linear"].push_back(z);
    Tracked next = before.param[i];
    if (common.lr != 0) {
      const Tracked known = Rounded(z, 8);
      const Tracked clipped = z.value > l1 ? l1 : z.value < -l1 ? -l1 : known;
      next = (clipped - known) /
             ((Scalar(o.at("beta")) + root) / common.lr + Scalar(l2));
      // Without gradients so far the quotient may be 0 / 0.
      if (std::fabs(z.value) <= l1) {
        next = std::isnan(next.value) ? Tracked(0)
                                      : Tracked(0, next.scale, next.inherited);
      }
    }
    after.update.push_back(next - before.param[i]);
  }
  return after;
}

using StepFunction = After (*)(const Options&, int64_t, const Before&);

const std::map<std::string, StepFunction>& Oracles() {
  static const auto* const oracles = new std::map<std::string, StepFunction>{
      {"sgd", Sgd},
      {"adagrad", AdaGrad},
      {"rmsprop", RmsProp},
      {"adam", Adam},
      {"adamw", Adam},  // differs in its options' defaults only
      {"stableadamw", StableAdamW},
      {"lion", Lion},
      {"nadam", NAdam},
      {"adabelief", AdaBelief},
      {"yogi", Yogi},
      {"adopt", Adopt},
      {"ademamix", AdEMAMix},
      {"signum", Signum},
      {"ftrl", Ftrl},
      {"adan", Adan},
      {"schedule_free_sgd", ScheduleFreeSgd},
      {"schedule_free_adamw", ScheduleFreeAdamW},
      {"schedule_free_radam", ScheduleFreeRAdam},
      {"lamb", Lamb},
      {"lars", Lars},
      {"novograd", NovoGrad},
      {"rowwise_adagrad", RowwiseAdaGrad},
      {"adadelta", Adadelta},
      {"adamax", Adamax},
      {"radam", RAdam},
      {"rprop", Rprop},
  };
  return *oracles;
}

}  // namespace

bool OracleKnows(const std::string& rule) { return Oracles().count(rule) != 0; }

namespace {

// Decoupled weight decay of each parameter, of which `after` becomes
// free: what the formula takes more than from parameters of zero. They are made
// so large that little of it is lost in the difference.
std::vector<long double> TakeDecay(StepFunction formula, const Options& options,
                                   int64_t step, const Before& before,
                                   After* after) {
  std::vector<long double> decay(before.param.size());
  if (!Common(options).decoupled) return decay;
  constexpr long double kLarge = 0x1p100L;
  Before changed = before;
  for (long double& param : changed.param) param *= kLarge;
  const std::vector<Tracked> whole = formula(options, step, changed).update;
  std::fill(changed.param.begin(), changed.param.end(), 0);
  *after = formula(options, step, changed);
  for (size_t i = 0; i < decay.size(); ++i) {
    const long double update = after->update[i].value;
    if (std::isfinite(update)) decay[i] = (whole[i].value - update) / kLarge;
  }
  return decay;
}

// The correction of the bias of a rule's second moment.
long double SecondCorrection(const std::string& rule, const Options& o,
                             int64_t step) {
  if (rule == "stableadamw") return 1;
  const auto found = o.find("bias_correction");
  if (found != o.end() && found->second == 0) return 1;
  const char* beta = rule == "rmsprop" ? "alpha" : "beta2";
  return o.at(beta) < 1 ? BiasCorrection(o.at(beta), step) : 1.0L;
}

// By how much update clipping shortens a step.
long double Clipped(const std::string& rule, const Options& o, int64_t step,
                    const Before& before, const After& after) {
  if (ValueOf(o, "update_clipping") == 0 || before.param.empty()) return 1;
  const Common common(o);
  const long double c2 = SecondCorrection(rule, o, step);
  const auto& moment =
      after.slots.at(rule == "rmsprop" ? "square_avg" : "exp_avg_sq");
  long double sum = 0;
  for (size_t i = 0; i < before.param.size(); ++i) {
    const long double g =
        common.Gradient(before.grad[i], before.param[i]).value;
    if (g == 0) continue;
    const long double eps = o.at("eps");
    sum += g * g / std::max(moment[i].value / c2, eps * eps);
  }
  const long double rms =
      std::sqrt(sum / static_cast<long double>(before.param.size()));
  return 1 / std::max(1.0L, rms / o.at("update_clipping"));
}

// Rules that look at the whole tensor make careful steps in their formulas.
bool MakesCarefulSteps(const std::string& rule) {
  return rule == "lamb" || rule == "lars" || rule == "novograd";
}

// A step with options that any rule can bear.
After CarefulStep(const std::string& rule, const Options& options, int64_t step,
                  const Before& before) {
  const StepFunction formula = Oracles().at(rule);
  After after = formula(options, step, before);
  const long double clipped = Clipped(rule, options, step, before, after);
  std::vector<long double> decay =
      TakeDecay(formula, options, step, before, &after);
  std::vector<Tracked> grad;
  for (size_t i = 0; i < decay.size(); ++i) {
    grad.push_back(Common(options).Gradient(before.grad[i], before.param[i]));
    after.update[i] = -after.update[i];
  }
  BeCautious(options, grad, &after.update);
  for (Tracked& update : after.update) update = -update;
  const long double correction = CorrectionOfDecay(options);
  for (size_t i = 0; i < decay.size(); ++i) {
    Tracked& update = after.update[i];
    if (clipped != 1) update = Wider(Rounded(clipped, 8) * update);
    const bool grows = update.value * before.param[i] > 0;
    if (grows && ValueOf(options, "cautious_weight_decay") != 0) continue;
    const Tracked shrink = clipped * correction * Rounded(decay[i], 2);
    update = update + (clipped == 1 ? shrink : Rounded(shrink, 8));
  }
  return after;
}

void LookAhead(const Options& o, int64_t step, const Before& before,
               After* after) {
  const auto period = static_cast<int64_t>(o.at("lookahead"));
  const long double alpha = o.at("lookahead_alpha");
  std::vector<Tracked>& slow = after->slots["slow"];
  for (size_t i = 0; i < before.param.size(); ++i) {
    slow.emplace_back(step == 1 ? before.param[i] : before.slots.at("slow")[i]);
    if (step % period != 0) continue;
    const Tracked param = Rounded(before.param[i] + after->update[i]);
    slow[i] = SignedAverage(1 - alpha, slow[i].value, param);
    after->update[i] = slow[i] - before.param[i];
  }
}

}  // namespace

After OracleStep(const std::string& rule, const Options& options, int64_t step,
                 const Before& before) {
  if (options.at("frozen") != 0) return Unchanged(before);
  After after = IsCareful(options) && !MakesCarefulSteps(rule)
                    ? CarefulStep(rule, options, step, before)
                    : Oracles().at(rule)(options, step, before);
  if (ValueOf(options, "lookahead") != 0) {
    LookAhead(options, step, before, &after);
  }
  // A tensor without elements has its slots, too.
  for (const auto& slot : before.slots) after.slots[slot.first];
  return after;
}

After Unchanged(const Before& before) {
  After after;
  after.update.resize(before.param.size());
  for (const auto& [slot, values] : before.slots) {
    after.slots[slot].assign(values.begin(), values.end());
  }
  return after;
}

double BiasCorrection(double beta, int64_t step) {
  double power = 1;
  for (double factor = beta; step > 0; step /= 2, factor *= factor) {
    if (step % 2 == 1) power *= factor;
  }
  return 1 - power;
}

}  // namespace opt_test
