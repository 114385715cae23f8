/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0 */
/**
 * @file opt_state.h
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
#include "opt/opt_tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A checkpoint opened for reading. */
typedef struct opt_checkpoint_handle* opt_checkpoint;

/** Flags of a save: a set of OPT_SAVE_* bits. */
typedef uint32_t opt_save_flags;
enum {
  /** Write the parameters too: the lent ones, or else the retained. */
  OPT_SAVE_PARAMS = 1
};

/** Flags of a load: a set of OPT_LOAD_* bits. */
typedef uint32_t opt_load_flags;
enum {
  /** Copy the checkpoint's parameters into the lent buffers, or else into the
   * retained. They are copied last, when all else has succeeded. */
  OPT_LOAD_PARAMS = 1,
  /** Keep the option values, schedules, attributes of tensors and way of
   * averaging that the optimizer has, instead of taking the checkpoint's. */
  OPT_LOAD_KEEP_OPTIONS = 2,
  /** Let a tensor that the checkpoint lacks keep its state; without this flag
   * that is an error. */
  OPT_LOAD_ALLOW_MISSING = 4,
  /** Ignore tensors of the checkpoint that are not attached; without this flag
   * they are an error. */
  OPT_LOAD_ALLOW_UNEXPECTED = 8
};

/** Why a load reports a name: one of OPT_REPORT_*. */
typedef int32_t opt_report_kind;
enum {
  OPT_REPORT_MISSING = 1,    /**< attached, but not in the checkpoint */
  OPT_REPORT_UNEXPECTED = 2, /**< in the checkpoint, but not attached */
  OPT_REPORT_MISMATCHED =
      3 /**< in both, of another shape or dtype, or in part */
};

/** An entry of the caller's own: an array of bytes or numbers. */
typedef struct opt_entry {
  uint32_t struct_size; /**< sizeof(opt_entry) */
  opt_dtype dtype;      /**< OPT_U8, OPT_I64, OPT_F32 or OPT_F64 */
  int64_t count;        /**< elements, >= 0 */
  const char* name;     /**< unique among the entries, UTF-8 */
  const void* data; /**< count elements, any alignment; NULL if count is 0 */
} opt_entry;

/** Initializes an opt_entry. */
#define OPT_ENTRY_INIT \
  { sizeof(opt_entry), OPT_U8, 0, NULL, NULL }

/** Arguments of a save: its contents beside the state. */
typedef struct opt_save_args {
  uint32_t struct_size;     /**< sizeof(opt_save_args) */
  opt_save_flags flags;     /**< OPT_SAVE_* */
  const opt_lent* lent;     /**< lent parameters; NULL: the retained ones */
  int64_t entry_count;      /**< elements of entries */
  const opt_entry* entries; /**< the caller's own */
} opt_save_args;

/** Initializes an opt_save_args. */
#define OPT_SAVE_ARGS_INIT \
  { sizeof(opt_save_args), 0, NULL, 0, NULL }

/** Arguments of a load: which parts it takes, and where it reports. */
typedef struct opt_load_args {
  uint32_t struct_size; /**< sizeof(opt_load_args) */
  opt_load_flags flags; /**< OPT_LOAD_* */
  const opt_lent* lent; /**< lent parameters; NULL: the retained ones */
  int64_t name_count;   /**< elements of names */
  /** Names of the only tensors to load, as if no other were attached or in the
   * checkpoint; options and counters then stay as they are. NULL: load all. */
  const char* const* names;
  /** Called for every name that does not fit, before the load succeeds or
   * fails; `detail` is a sentence. May be NULL. */
  void (*report)(void* user, opt_report_kind kind, const char* name,
                 const char* detail);
  void* user; /**< passed to report */
} opt_load_args;

/** Initializes an opt_load_args. */
#define OPT_LOAD_ARGS_INIT \
  { sizeof(opt_load_args), 0, NULL, 0, NULL, NULL, NULL }

/** An array in a checkpoint. */
typedef struct opt_entry_info {
  uint32_t struct_size; /**< sizeof(opt_entry_info) */
  int32_t rank;         /**< number of extents; 0: one element */
  opt_dtype dtype;      /**< or -1: one that libopt does not compute with */
  uint32_t own;         /**< 1: an entry of the caller's own */
  int64_t count;        /**< elements */
  int64_t bytes;        /**< size of the data */
  const int64_t* shape; /**< `rank` extents */
  const char* name;     /**< "fc1.weight/exp_avg"; for an own entry its name */
} opt_entry_info;

/** Initializes an opt_entry_info. */
#define OPT_ENTRY_INFO_INIT \
  { sizeof(opt_entry_info), 0, 0, 0, 0, 0, NULL, NULL }

/** A function that writes the next `size` bytes of a checkpoint, and returns 0,
 * or another value if it could not. */
typedef int32_t (*opt_write_function)(void* user, const void* data,
                                      int64_t size);

/** A function that reads up to `size` of the next bytes of a checkpoint, and
 * returns their number, 0 at the end, or a negative value if it could not. It
 * is never asked to rewind. */
typedef int64_t (*opt_read_function)(void* user, void* data, int64_t size);

/**
 * Saves to a file.
 *
 * The file is replaced as a whole: after a crash, a full disk or any other
 * failure it is the old one or the new one.
 *
 * @param optimizer  the optimizer
 * @param path  the file; its directory must be writable
 * @param args  what to save beside the state; NULL: nothing
 * @return OPT_OK; OPT_ERR_ARGUMENT: a pointer is NULL, an unknown flag, a count
 * that does not match; OPT_ERR_STRUCT; OPT_ERR_NAME: an entry's name is
 * malformed or given twice, or a tensor's name is another's with '/' and a
 * slot; OPT_ERR_DTYPE; OPT_ERR_STATE: no parameters to save, or they are
 * swapped with their averages; OPT_ERR_LIMIT: a header of more than 100,000,000
 *   bytes; OPT_ERR_IO
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_save_file(opt_optimizer optimizer,
                                               const char* path,
                                               const opt_save_args* args);

/**
 * Saves to memory.
 *
 * @param optimizer  the optimizer
 * @param buffer  receives the checkpoint; NULL: only ask for the size
 * @param capacity  bytes at buffer
 * @param[out] size  receives the size in bytes, also if capacity is too small;
 *   may be NULL
 * @param args  as of opt_save_file()
 * @return as opt_save_file(); OPT_ERR_ARGUMENT: capacity too small: nothing was
 *   written
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_save_memory(opt_optimizer optimizer,
                                                 void* buffer, int64_t capacity,
                                                 int64_t* size,
                                                 const opt_save_args* args);

/**
 * Saves through a callback, from the first byte to the last.
 *
 * @param optimizer  the optimizer
 * @param write  the callback
 * @param user  passed to the callback
 * @param args  as of opt_save_file()
 * @return as opt_save_file(); OPT_ERR_IO: the callback failed
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_save_callback(opt_optimizer optimizer,
                                                   opt_write_function write,
                                                   void* user,
                                                   const opt_save_args* args);

/**
 * Loads a checkpoint into an optimizer of the same rule whose tensors have
 * been attached: matched by name, shape and dtype, in whatever order.
 *
 * All is read and verified before anything changes. Whether an average of the
 * parameters is kept, and how, is afterwards as in the checkpoint.
 *
 * @param optimizer  the optimizer
 * @param path  a file, or a pipe that a program writes to: one with a name
 *   (FIFO) is waited for until its writer opens it
 * @param args  flags, parameters, a selection, a report; NULL: the defaults
 * @return OPT_OK; OPT_ERR_ARGUMENT; OPT_ERR_STRUCT; OPT_ERR_NAME: a name of
 *   args->names is not attached; OPT_ERR_STATE: no place for the parameters,
 *   or they are swapped with their averages; OPT_ERR_IO; OPT_ERR_FORMAT: the
 *   message names the byte; OPT_ERR_MISMATCH: rule, state layout, missing,
 *   unexpected or mismatched tensors; args->report is told each
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_load_file(opt_optimizer optimizer,
                                               const char* path,
                                               const opt_load_args* args);

/**
 * Loads a checkpoint from memory, as opt_load_file() does.
 *
 * @param optimizer  the optimizer
 * @param data  the checkpoint
 * @param size  bytes at data
 * @param args  as of opt_load_file()
 * @return as opt_load_file()
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_load_memory(opt_optimizer optimizer,
                                                 const void* data, int64_t size,
                                                 const opt_load_args* args);

/**
 * Loads a checkpoint through a callback, as opt_load_file() does.
 *
 * @param optimizer  the optimizer
 * @param read  the callback
 * @param user  passed to the callback
 * @param args  as of opt_load_file()
 * @return as opt_load_file(); OPT_ERR_IO: the callback failed
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_load_callback(opt_optimizer optimizer,
                                                   opt_read_function read,
                                                   void* user,
                                                   const opt_load_args* args);

/**
 * Loads a checkpoint that has been opened, and perhaps looked into, as
 * opt_load_file() does. It stays open.
 *
 * @param optimizer  the optimizer
 * @param checkpoint  an open checkpoint, which serves no other call meanwhile
 * @param args  flags, parameters, a selection, a report; NULL: the defaults
 * @return as opt_load_file(); OPT_ERR_HANDLE, OPT_ERR_BUSY: of the checkpoint
 *   too
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_load_checkpoint(opt_optimizer optimizer,
                                                     opt_checkpoint checkpoint,
                                                     const opt_load_args* args);

/**
 * Opens a checkpoint to look into it, without an optimizer.
 *
 * @param context  where memory comes from; NULL: the default context
 * @param path  a file, not a pipe; it stays open
 * @param[out] checkpoint  receives the handle; unchanged on failure
 * @return OPT_OK; OPT_ERR_ARGUMENT: a pointer is NULL; OPT_ERR_IO;
 * OPT_ERR_FORMAT; OPT_ERR_LIMIT
 * @note Thread-safety: any thread.
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_checkpoint_open_file(
    opt_context context, const char* path, opt_checkpoint* checkpoint);

/**
 * Opens a checkpoint in memory, which must stay in place until the checkpoint
 * is closed.
 *
 * @param context  the context
 * @param data  the checkpoint
 * @param size  bytes at data
 * @param[out] checkpoint  receives the handle; unchanged on failure
 * @return as opt_checkpoint_open_file()
 * @note Thread-safety: any thread.
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status
opt_checkpoint_open_memory(opt_context context, const void* data, int64_t size,
                           opt_checkpoint* checkpoint);

/**
 * Closes a checkpoint; NULL does nothing.
 *
 * @param checkpoint  the checkpoint
 * @return OPT_OK; OPT_ERR_HANDLE
 * @since 0.1.0
 */
OPT_API opt_status opt_checkpoint_close(opt_checkpoint checkpoint);

/**
 * Counts the entries: state, options, parameters, and the caller's own.
 *
 * @param checkpoint  the checkpoint
 * @param[out] count  receives the number
 * @return OPT_OK; OPT_ERR_ARGUMENT: a pointer is NULL
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_checkpoint_count(opt_checkpoint checkpoint,
                                                      int64_t* count);

/**
 * Describes an entry; its pointers are good until the checkpoint is closed.
 *
 * @param checkpoint  the checkpoint
 * @param index  0 to the number of entries, less 1
 * @param[in,out] info  filled in up to its struct_size
 * @return OPT_OK; OPT_ERR_ARGUMENT: a pointer is NULL; OPT_ERR_STRUCT;
 * OPT_ERR_RANGE
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_checkpoint_at(opt_checkpoint checkpoint,
                                                   int64_t index,
                                                   opt_entry_info* info);

/**
 * Finds an entry of the caller's own by its name, or another by its whole
 * name.
 *
 * @param checkpoint  the checkpoint
 * @param name  the name
 * @param[out] index  receives its index; unchanged on failure
 * @return OPT_OK; OPT_ERR_ARGUMENT: a pointer is NULL; OPT_ERR_NAME
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_checkpoint_find(opt_checkpoint checkpoint,
                                                     const char* name,
                                                     int64_t* index);

/**
 * Reads the data of an entry and verifies it.
 *
 * @param checkpoint  the checkpoint
 * @param index  0 to the number of entries, less 1
 * @param[out] data  receives the entry's bytes; `size` must be that number
 * @param size  number of bytes
 * @return OPT_OK; OPT_ERR_ARGUMENT: a pointer is NULL, another size;
 * OPT_ERR_RANGE; OPT_ERR_IO; OPT_ERR_FORMAT: the data are damaged; what was
 * read is in `data`
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_checkpoint_read(opt_checkpoint checkpoint,
                                                     int64_t index, void* data,
                                                     int64_t size);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* OPT_OPT_STATE_H_ */
