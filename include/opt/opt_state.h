/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * Saving and loading: the state of an optimizer, and with it, if the caller
 * wants, the parameters and entries of its own, as one checkpoint. The format
 * is safetensors; src/state/FORMAT.md documents it. Include <opt/opt.h>.
 *
 * k steps, a save, a load in a new process and m steps give the same bytes as
 * k + m steps.
 */
#ifndef OPT_OPT_STATE_H_
#define OPT_OPT_STATE_H_

#include "opt/opt_base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A checkpoint opened for reading. */
typedef struct opt_checkpoint_handle* opt_checkpoint;

/* Flags of a save. */
enum {
  /* Write the parameters too: the retained ones, or those of args->params. */
  OPT_SAVE_PARAMS = 1
};

/* Flags of a load; a bit set. */
enum {
  /* Copy the checkpoint's parameters into the retained buffers, or into those
   * of args->params. They are copied last, when all else has succeeded. */
  OPT_LOAD_PARAMS = 1,
  /* Keep the optimizer's own option values, schedules, tensors' attributes and
   * way of averaging, not the checkpoint's, which may have no schedules. */
  OPT_LOAD_KEEP_OPTIONS = 2,
  /* A tensor that the checkpoint lacks keeps its state; else that is an
   * error. */
  OPT_LOAD_ALLOW_MISSING = 4,
  /* Tensors of the checkpoint that are not attached are passed over; else
   * that is an error. */
  OPT_LOAD_ALLOW_UNEXPECTED = 8
};

/* Why a load reports a name. */
enum {
  OPT_LOAD_MISSING = 1,    /* attached, but not in the checkpoint */
  OPT_LOAD_UNEXPECTED = 2, /* in the checkpoint, but not attached */
  OPT_LOAD_MISMATCHED = 3  /* in both, of another shape or dtype, or in part */
};

/* An entry of the caller's own: an array of bytes or numbers. */
typedef struct opt_entry {
  uint32_t struct_size; /* sizeof(opt_entry) */
  opt_dtype dtype;      /* OPT_U8, OPT_I64, OPT_F32 or OPT_F64 */
  int64_t count;        /* elements, >= 0 */
  const char* name;     /* unique among the entries, UTF-8 */
  const void* data;     /* count elements, any alignment; NULL if count is 0 */
} opt_entry;

/* Arguments of a save: its contents beside the state. */
typedef struct opt_save_args {
  uint32_t struct_size;     /* sizeof(opt_save_args) */
  uint32_t flags;           /* OPT_SAVE_PARAMS */
  int64_t count;            /* entries of params: opt_info.index_count */
  void* const* params;      /* lent parameters; NULL: the retained ones */
  int64_t entry_count;      /* elements of entries */
  const opt_entry* entries; /* the caller's own */
} opt_save_args;

/* Arguments of a load: which parts it takes, and where it reports. */
typedef struct opt_load_args {
  uint32_t struct_size; /* sizeof(opt_load_args) */
  uint32_t flags;       /* OPT_LOAD_* */
  int64_t count;        /* entries of params: opt_info.index_count */
  void* const* params;  /* lent parameters; NULL: the retained ones */
  int64_t name_count;   /* elements of names */
  /* Load these tensors alone, as if no other were attached or in the
   * checkpoint; NULL: all. Options and counters are then left alone. */
  const char* const* names;
  /* Told every name that does not fit, before the load succeeds or fails:
   * `kind` is OPT_LOAD_MISSING and so on, `detail` a sentence. May be NULL. */
  void (*report)(void* user, int32_t kind, const char* name,
                 const char* detail);
  void* user; /* passed to report */
} opt_load_args;

/* An array in a checkpoint. */
typedef struct opt_entry_info {
  uint32_t struct_size; /* sizeof(opt_entry_info) */
  int32_t rank;         /* number of extents; 0: one element */
  opt_dtype dtype;      /* or -1: one that libopt does not compute with */
  uint32_t own;         /* 1: an entry of the caller's own */
  int64_t count;        /* elements */
  int64_t bytes;        /* size of the data */
  const int64_t* shape; /* `rank` extents */
  const char* name;     /* "fc1.weight/exp_avg"; for an own entry its name */
} opt_entry_info;

/* clang-format off */
#define OPT_ENTRY_INIT { sizeof(opt_entry), OPT_U8, 0, NULL, NULL }
#define OPT_SAVE_ARGS_INIT { sizeof(opt_save_args), 0, 0, NULL, 0, NULL }
#define OPT_LOAD_ARGS_INIT \
  { sizeof(opt_load_args), 0, 0, NULL, 0, NULL, NULL, NULL }
#define OPT_ENTRY_INFO_INIT \
  { sizeof(opt_entry_info), 0, 0, 0, 0, 0, NULL, NULL }
/* clang-format on */

/* Writes `size` bytes that follow the ones before; returns 0, or another value
 * if it could not. */
typedef int32_t (*opt_write_function)(void* user, const void* data,
                                      int64_t size);

/* Reads up to `size` bytes that follow the ones before; returns how many, 0 at
 * the end, or a negative value if it could not. Never asked to rewind. */
typedef int64_t (*opt_read_function)(void* user, void* data, int64_t size);

/* Saves to a file. The file is replaced as a whole: after a crash, a full disk
 * or any other failure it is the old one or the new one.
 *   path  the file; its directory must be writable
 *   args  what to save beside the state; NULL: nothing
 * Returns OPT_OK; OPT_ERR_ARGUMENT (a NULL, an unknown flag, a count that does
 * not match); OPT_ERR_STRUCT; OPT_ERR_NAME (an entry's name is malformed or
 * given twice, or a tensor's name is another's with '/' and a slot);
 * OPT_ERR_DTYPE; OPT_ERR_STATE (no parameters to save, or they are swapped with
 * their averages); OPT_ERR_LIMIT (a header of more than 100,000,000 bytes);
 * OPT_ERR_IO. Since 0.1.0. */
OPT_NODISCARD OPT_API opt_status opt_save_file(opt_optimizer optimizer,
                                               const char* path,
                                               const opt_save_args* args);

/* Saves to memory.
 *   buffer    receives the checkpoint; NULL: only ask for the size
 *   capacity  bytes at buffer
 *   size      receives the size in bytes, also if capacity is too small; may
 *             be NULL
 * Returns as opt_save_file; OPT_ERR_ARGUMENT (capacity too small: nothing was
 * written). Since 0.1.0. */
OPT_NODISCARD OPT_API opt_status opt_save_memory(opt_optimizer optimizer,
                                                 void* buffer, int64_t capacity,
                                                 int64_t* size,
                                                 const opt_save_args* args);

/* Saves through a callback, from the first byte to the last.
 * Returns as opt_save_file; OPT_ERR_IO (the callback failed). Since 0.1.0. */
OPT_NODISCARD OPT_API opt_status opt_save_callback(opt_optimizer optimizer,
                                                   opt_write_function write,
                                                   void* user,
                                                   const opt_save_args* args);

/* Loads a checkpoint into an optimizer of the same rule whose tensors have been
 * attached: matched by name, shape and dtype, in whatever order. All is read
 * and verified before anything changes. Whether an average of the parameters is
 * kept, and how, is afterwards as in the checkpoint.
 *   path  a file, or a pipe that a program writes to: one with a name (FIFO)
 *         is waited for until its writer opens it
 *   args  flags, parameters, a selection, a report; NULL: the defaults
 * Returns OPT_OK; OPT_ERR_ARGUMENT; OPT_ERR_STRUCT; OPT_ERR_NAME (a name of
 * args->names is not attached); OPT_ERR_STATE (no place for the parameters, or
 * they are swapped with their averages); OPT_ERR_IO; OPT_ERR_FORMAT (the
 * message names the byte); OPT_ERR_MISMATCH (rule, state layout, missing,
 * unexpected or mismatched tensors; args->report is told each). Since 0.1.0. */
OPT_NODISCARD OPT_API opt_status opt_load_file(opt_optimizer optimizer,
                                               const char* path,
                                               const opt_load_args* args);

/* As opt_load_file, from `size` bytes of memory. Since 0.1.0. */
OPT_NODISCARD OPT_API opt_status opt_load_memory(opt_optimizer optimizer,
                                                 const void* data, int64_t size,
                                                 const opt_load_args* args);

/* As opt_load_file, through a callback. Since 0.1.0. */
OPT_NODISCARD OPT_API opt_status opt_load_callback(opt_optimizer optimizer,
                                                   opt_read_function read,
                                                   void* user,
                                                   const opt_load_args* args);

/* Opens a checkpoint to look into it, without an optimizer.
 *   context     where memory comes from; NULL: the default context
 *   path        a file, not a pipe; it stays open
 *   checkpoint  receives the handle; left alone on failure
 * Returns OPT_OK; OPT_ERR_ARGUMENT (a NULL); OPT_ERR_IO; OPT_ERR_FORMAT;
 * OPT_ERR_LIMIT. Thread-safety: any thread. Since 0.1.0. */
OPT_NODISCARD OPT_API opt_status opt_checkpoint_open_file(
    opt_context context, const char* path, opt_checkpoint* checkpoint);

/* As opt_checkpoint_open_file, of `size` bytes of memory, which must stay in
 * place until the checkpoint is closed. Since 0.1.0. */
OPT_NODISCARD OPT_API opt_status
opt_checkpoint_open_memory(opt_context context, const void* data, int64_t size,
                           opt_checkpoint* checkpoint);

/* Closes a checkpoint; NULL does nothing.
 * Returns OPT_OK; OPT_ERR_HANDLE. Since 0.1.0. */
OPT_API opt_status opt_checkpoint_close(opt_checkpoint checkpoint);

/* Counts the entries: state, options, parameters, and the caller's own.
 * Returns OPT_OK; OPT_ERR_ARGUMENT (NULL). Since 0.1.0. */
OPT_NODISCARD OPT_API opt_status opt_checkpoint_count(opt_checkpoint checkpoint,
                                                      int64_t* count);

/* Describes an entry; its pointers are good until the checkpoint is closed.
 * Returns OPT_OK; OPT_ERR_ARGUMENT (NULL); OPT_ERR_STRUCT; OPT_ERR_RANGE.
 * Since 0.1.0. */
OPT_NODISCARD OPT_API opt_status opt_checkpoint_at(opt_checkpoint checkpoint,
                                                   int64_t index,
                                                   opt_entry_info* info);

/* Finds an entry of the caller's own by its name, or another by its whole name.
 * Returns OPT_OK; OPT_ERR_ARGUMENT (a NULL); OPT_ERR_NAME. Since 0.1.0. */
OPT_NODISCARD OPT_API opt_status opt_checkpoint_find(opt_checkpoint checkpoint,
                                                     const char* name,
                                                     int64_t* index);

/* Reads the data of an entry and verifies it.
 *   data  receives the entry's bytes; `size` must be that number
 * Returns OPT_OK; OPT_ERR_ARGUMENT (a NULL, another size); OPT_ERR_RANGE;
 * OPT_ERR_IO; OPT_ERR_FORMAT (the data are damaged; what was read is in
 * `data`). Since 0.1.0. */
OPT_NODISCARD OPT_API opt_status opt_checkpoint_read(opt_checkpoint checkpoint,
                                                     int64_t index, void* data,
                                                     int64_t size);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* OPT_OPT_STATE_H_ */
