/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * The topics that the tests in C are divided into, one file each.
 */
#ifndef OPT_TESTS_C_TOPICS_H_
#define OPT_TESTS_C_TOPICS_H_

void handle_tests(void);
void bad_handle_tests(void);
void null_argument_tests(void);
void option_tests(void);
void group_tests(void);
void attach_tests(void);
void tensor_name_tests(void);
void overlap_tests(void);
void average_tests(void);
void average_swap_tests(void);
void attribute_tests(void);
void frozen_tests(void);
void bind_tests(void);
void step_tests(void);
void lent_tests(void);
void accumulate_tests(void);
void zero_grad_tests(void);
void grad_norm_tests(void);
void clip_tests(void);
void clip_border_tests(void);
void clip_f64_tests(void);
void nonfinite_tests(void);
void scaler_tests(void);
void struct_array_tests(void);
void struct_size_tests(void);
void describe_tests(void);
void view_tests(void);
void context_tests(void);
void target_tests(void);
void parallel_for_tests(void);
void callback_tests(void);
void error_tests(void);
void state_save_tests(void);
void state_stream_tests(void);
void state_load_tests(void);
void state_target_tests(void);
void checkpoint_tests(void);
void schedule_tests(void);
void schedule_call_tests(void);
void schedule_handle_tests(void);
void shutdown_tests(void);

#endif /* OPT_TESTS_C_TOPICS_H_ */
