/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0 */
/**
 * @file opt_state.h
 * Saving and loading: the state of an optimizer and, if the caller wants, the
 * parameters and the caller's own entries, as one checkpoint. Include
 * <opt/opt.h>.
 *
 * ## Save and load
 *
 *     if (opt_save_file(optimizer, "run.safetensors", NULL) != OPT_OK) {
 *       return fail(opt_last_error());
 *     }
 *
 * In the next process, create an optimizer of the same rule, attach the same
 * tensors, and
 *
 *     if (opt_load_file(optimizer, "run.safetensors", NULL) != OPT_OK) {
 *       return fail(opt_last_error());
 *     }
 *
 * k steps, a save, a load in a new process and m steps give the same bytes as
 * k + m steps.
 *
 * ## Parameters and the caller's own entries
 *
 *     uint8_t seed[16];
 *     opt_entry entry = OPT_ENTRY_INIT;
 *     opt_save_args args = OPT_SAVE_ARGS_INIT;
 *     entry.name = "seed";
 *     entry.count = sizeof seed;
 *     entry.data = seed;
 *     args.flags = OPT_SAVE_PARAMS;
 *     args.entries = &entry;
 *     args.entry_count = 1;
 *     if (opt_save_file(optimizer, path, &args) != OPT_OK) return fail(...);
 *
 * ## Looking into a checkpoint
 *
 *     opt_checkpoint checkpoint = NULL;
 *     int64_t index = 0;
 *     if (opt_checkpoint_open_file(NULL, path, &checkpoint) != OPT_OK ||
 *         opt_checkpoint_find(checkpoint, "seed", &index) != OPT_OK ||
 *         opt_checkpoint_read(checkpoint, index, seed, 16) != OPT_OK) {
 *       return fail(opt_last_error());
 *     }
 *     opt_checkpoint_close(checkpoint);
 *
 * ## Format
 *
 * A checkpoint is a safetensors file with checksums, so that other programs can
 * read it, and damage is found. src/state/FORMAT.md documents it. A load takes
 * nothing on trust: whatever the bytes are, it succeeds or fails with a status,
 * and a load that fails has changed nothing.
 */
#ifndef OPT_OPT_STATE_H_
#define OPT_OPT_STATE_H_

#include "opt/opt_base.h"
#include "opt/opt_tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Flags of a save: a set of OPT_SAVE_* bits. */
typedef uint32_t opt_save_flags;
enum {
  /** Write the parameters too: the lent ones, or else the retained ones. */
  OPT_SAVE_PARAMS = 1
};

/** One of the caller's own entries: an array of bytes or numbers. */
typedef struct opt_entry {
  uint32_t struct_size; /**< sizeof(opt_entry), the same in all entries */
  opt_dtype dtype;      /**< OPT_U8, OPT_I64, OPT_F32 or OPT_F64 */
  int64_t count;        /**< number of elements, 0 to INT64_MAX / 64 */
  const char* name;     /**< unique among the entries: UTF-8, not empty, without
                             control characters */
  const void* data; /**< `count` elements, aligned or not; may be NULL if count
                         is 0 */
} opt_entry;

/** Initializes an opt_entry: bytes. */
#define OPT_ENTRY_INIT \
  { sizeof(opt_entry), OPT_U8, 0, NULL, NULL }

/** Arguments of a save: what it contains in addition to the state. */
typedef struct opt_save_args {
  uint32_t struct_size;     /**< sizeof(opt_save_args) */
  opt_save_flags flags;     /**< OPT_SAVE_* */
  const opt_lent* lent;     /**< lent parameters; NULL: the retained ones */
  int64_t entry_count;      /**< number of entries, >= 0 */
  const opt_entry* entries; /**< `entry_count` of the caller's own entries; may
                                 be NULL if there are none */
} opt_save_args;

/** Initializes an opt_save_args: the state alone. */
#define OPT_SAVE_ARGS_INIT \
  { sizeof(opt_save_args), 0, NULL, 0, NULL }

/**
 * Saves to a file, which is replaced as a whole: after a crash, a full disk or
 * any other failure it is the old file or the new one, never a part of it. A
 * symbolic link stays, and the file that it leads to is replaced; permissions
 * stay as they are.
 *
 * @param optimizer  the optimizer
 * @param path       the file; its directory must be writable
 * @param args       what to save in addition to the state; NULL: nothing
 * @return OPT_OK; OPT_ERR_STATE: a tensor has no parameters to save;
 *   OPT_ERR_ARGUMENT: path is NULL, a flag is unknown, a count is out of its
 *   range, the data of an entry are NULL, or opt_lent.count is not
 *   opt_info.index_count; OPT_ERR_STRUCT; OPT_ERR_NAME: the name of an entry is
 *   malformed or given twice, or a tensor is named like an entry of another
 *   ("fc1/step"); OPT_ERR_DTYPE: of an entry; OPT_ERR_LIMIT: the header, which
 *   holds the names, is longer than 100,000,000 bytes; OPT_ERR_IO: the message
 *   names the file and the reason, and whether the new file is in place but may
 *   not survive a power failure
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_save_file(opt_optimizer optimizer,
                                               const char* path,
                                               const opt_save_args* args);

/**
 * Saves to memory, or tells how many bytes that would take.
 *
 * @param optimizer  the optimizer
 * @param buffer     receives the checkpoint; NULL: only the size is wanted
 * @param capacity   number of bytes at buffer
 * @param[out] size  receives the size of the checkpoint in bytes, even if
 *                   capacity is less; may be NULL if buffer is not
 * @param args       as in opt_save_file()
 * @return as opt_save_file(); OPT_ERR_ARGUMENT also if capacity is less than
 *   the size, and then nothing is written to buffer
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_save_memory(opt_optimizer optimizer,
                                                 void* buffer, int64_t capacity,
                                                 int64_t* size,
                                                 const opt_save_args* args);

/** A function that writes the next `size` bytes of a checkpoint. It returns 0,
 * or another value if it failed. */
typedef int32_t (*opt_write_function)(void* user, const void* data,
                                      int64_t size);

/**
 * Saves through a callback, which gets the bytes in order and in pieces of any
 * size.
 *
 * @param optimizer  the optimizer
 * @param write      writes a piece; it must not use this optimizer, which gives
 *                   OPT_ERR_BUSY
 * @param user       passed unchanged to write
 * @param args       as in opt_save_file()
 * @return as opt_save_file(); OPT_ERR_ARGUMENT also if write is NULL;
 *   OPT_ERR_IO: write failed, and what it has received so far is not a complete
 *   checkpoint
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_save_callback(opt_optimizer optimizer,
                                                   opt_write_function write,
                                                   void* user,
                                                   const opt_save_args* args);

/** Flags of a load: a set of OPT_LOAD_* bits. */
typedef uint32_t opt_load_flags;
enum {
  /** Copy the checkpoint's parameters into the lent buffers, or else into the
   * retained ones. They are copied last, when all else has succeeded. */
  OPT_LOAD_PARAMS = 1,
  /** Keep the option values, the schedules, the attributes of tensors and the
   * way of averaging that the optimizer has, instead of taking the
   * checkpoint's. */
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
  /** The tensor is attached, but not in the checkpoint. */
  OPT_REPORT_MISSING = 1,
  /** The entry is in the checkpoint, but belongs to nothing that is attached.
   */
  OPT_REPORT_UNEXPECTED = 2,
  /** The tensor is in both, but with another shape or dtype, or in part. */
  OPT_REPORT_MISMATCHED = 3
};

/** Arguments of a load: what it takes, and where it reports. */
typedef struct opt_load_args {
  uint32_t struct_size; /**< sizeof(opt_load_args) */
  opt_load_flags flags; /**< OPT_LOAD_* */
  const opt_lent* lent; /**< lent parameters; NULL: the retained ones */
  int64_t name_count;   /**< number of names, >= 0 */
  /** The only tensors to load, as if no others were attached or in the
   * checkpoint; options and counters of the optimizer then stay as they are.
   * NULL: load everything. */
  const char* const* names;
  /** Called for every name that does not fit, allowed or not, before the load
   * succeeds or fails. `name` and `detail`, which is one line of text, are
   * valid for the duration of the call. NULL: no report. */
  void (*report)(void* user, opt_report_kind kind, const char* name,
                 const char* detail);
  void* user; /**< passed unchanged to report */
} opt_load_args;

/** Initializes an opt_load_args: loads all of the state, not the parameters. */
#define OPT_LOAD_ARGS_INIT \
  { sizeof(opt_load_args), 0, NULL, 0, NULL, NULL, NULL }

/**
 * Loads a checkpoint into an optimizer of the same rule whose tensors have been
 * attached. They are matched by name, shape and dtype, in any order.
 *
 * Everything is read and verified before anything changes. Unless the flags or
 * names say otherwise, the optimizer then has the checkpoint's option values,
 * schedules, attributes, average and counters, and its loss scaler if it has
 * one.
 *
 * @param optimizer  the optimizer
 * @param path       the file, or a pipe. If it is a named pipe (FIFO) that no
 *                   program has opened for writing yet, the call waits for one
 *                   that does, and the optimizer is busy meanwhile
 * @param args       what to load, and a report; NULL: all of the state
 * @return OPT_OK; OPT_ERR_STATE: the optimizer has the evaluation weights in
 *   the parameters' buffers, or OPT_LOAD_PARAMS is set and a tensor has no
 *   buffer for its parameters; OPT_ERR_ARGUMENT: path or one of the names is
 *   NULL, a flag is unknown, a count is out of its range, or opt_lent.count is
 *   not opt_info.index_count; OPT_ERR_STRUCT; OPT_ERR_NAME: one of the names is
 *   not attached; OPT_ERR_IO: the message names the file and the reason;
 *   OPT_ERR_FORMAT: the message names the byte at which the checkpoint is
 *   damaged; OPT_ERR_MISMATCH: the rule, the groups, the state that their
 *   options ask for, or tensors do not fit, and the message names the first
 *   that does not
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_load_file(opt_optimizer optimizer,
                                               const char* path,
                                               const opt_load_args* args);

/**
 * Loads a checkpoint from memory, as opt_load_file() does from a file.
 *
 * @param optimizer  the optimizer
 * @param data       the checkpoint; not needed after the call
 * @param size       number of bytes at data, >= 0: those of the checkpoint and
 *                   no more
 * @param args       as in opt_load_file()
 * @return as opt_load_file(), but never OPT_ERR_IO; OPT_ERR_ARGUMENT also if
 *   data is NULL or size is negative
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_load_memory(opt_optimizer optimizer,
                                                 const void* data, int64_t size,
                                                 const opt_load_args* args);

/** A function that reads up to `size` of the next bytes of a checkpoint. It
 * returns how many, which may be fewer than asked for; 0 at the end; or a
 * negative value if it failed. */
typedef int64_t (*opt_read_function)(void* user, void* data, int64_t size);

/**
 * Loads a checkpoint through a callback, as opt_load_file() does from a file.
 * The bytes are asked for in order, and never twice.
 *
 * @param optimizer  the optimizer
 * @param read       reads a piece. After the last byte it is called once more
 *                   and must return 0, since a checkpoint that more bytes
 *                   follow is damaged. It must not use this optimizer, which
 *                   gives OPT_ERR_BUSY
 * @param user       passed unchanged to read
 * @param args       as in opt_load_file()
 * @return as opt_load_file(); OPT_ERR_ARGUMENT also if read is NULL;
 *   OPT_ERR_IO: read failed, or returned more than it was asked for
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_load_callback(opt_optimizer optimizer,
                                                   opt_read_function read,
                                                   void* user,
                                                   const opt_load_args* args);

/** A checkpoint that is open for reading. */
typedef struct opt_checkpoint_handle* opt_checkpoint;

/**
 * Loads a checkpoint that is open, as opt_load_file() does from a file. It
 * stays open.
 *
 * @param optimizer   the optimizer
 * @param checkpoint  the checkpoint; it serves no other call meanwhile
 * @param args        as in opt_load_file()
 * @return as opt_load_file(); OPT_ERR_HANDLE and OPT_ERR_BUSY may be about the
 *   checkpoint too
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_load_checkpoint(opt_optimizer optimizer,
                                                     opt_checkpoint checkpoint,
                                                     const opt_load_args* args);

/**
 * Opens a checkpoint in a file in order to look into it, which needs no
 * optimizer. The header is read and verified now, each entry when it is read.
 *
 * @param context  where memory comes from; NULL: the default context
 * @param path     a regular file, not a pipe. It stays open, and must not be
 *                 written to until the checkpoint is closed; replacing it, as
 *                 opt_save_file() does, is harmless
 * @param[out] checkpoint  receives the handle; unchanged on failure
 * @return OPT_OK; OPT_ERR_ARGUMENT: path or checkpoint is NULL; OPT_ERR_IO: the
 *   message names the file and the reason; OPT_ERR_FORMAT: it is no checkpoint
 *   or a damaged one; OPT_ERR_NAME: the environment variable LIBOPT_TARGET
 *   names no target of this CPU; OPT_ERR_LIMIT: 65,535 handles are alive
 * @note Thread-safety: any thread.
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_checkpoint_open_file(
    opt_context context, const char* path, opt_checkpoint* checkpoint);

/**
 * Opens a checkpoint in memory, as opt_checkpoint_open_file() opens a file.
 *
 * @param context  where memory comes from; NULL: the default context
 * @param data     the checkpoint, which must stay in place and unchanged until
 *                 it is closed
 * @param size     number of bytes at data, >= 0
 * @param[out] checkpoint  receives the handle; unchanged on failure
 * @return as opt_checkpoint_open_file(), but never OPT_ERR_IO;
 *   OPT_ERR_ARGUMENT: data or checkpoint is NULL, or size is negative
 * @note Thread-safety: any thread.
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status
opt_checkpoint_open_memory(opt_context context, const void* data, int64_t size,
                           opt_checkpoint* checkpoint);

/**
 * Closes a checkpoint; NULL does nothing. The call waits for another thread's
 * call with it.
 *
 * @param checkpoint  the checkpoint, or NULL
 * @return OPT_OK; OPT_ERR_BUSY: called from a callback of a call with it
 * @note Thread-safety: any thread.
 * @since 0.1.0
 */
OPT_API opt_status opt_checkpoint_close(opt_checkpoint checkpoint);

/**
 * Counts the entries of a checkpoint: those of the state, the options and the
 * parameters, and the caller's own.
 *
 * @param checkpoint  the checkpoint
 * @param[out] count  receives the number of entries; unchanged on failure
 * @return OPT_OK; OPT_ERR_ARGUMENT: count is NULL
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_checkpoint_count(opt_checkpoint checkpoint,
                                                      int64_t* count);

/** An entry of a checkpoint, described: an array. */
typedef struct opt_entry_info {
  uint32_t struct_size; /**< sizeof(opt_entry_info) */
  int32_t rank;         /**< number of extents; 0: a single element */
  opt_dtype dtype; /**< type of an element; -1: one that libopt does not know */
  uint32_t own;    /**< 1: one of the caller's own entries; else 0 */
  int64_t count;   /**< number of elements */
  int64_t bytes;   /**< number of bytes of the data */
  const int64_t* shape; /**< `rank` extents whose product is count */
  const char* name;     /**< "fc1.weight/exp_avg"; for one of the caller's
                             own entries, the name that the caller gave */
} opt_entry_info;

/** Initializes an opt_entry_info. */
#define OPT_ENTRY_INFO_INIT \
  { sizeof(opt_entry_info), 0, 0, 0, 0, 0, NULL, NULL }

/**
 * Describes an entry of a checkpoint.
 *
 * @param checkpoint  the checkpoint
 * @param index       0 to the number of entries - 1 (opt_checkpoint_count())
 * @param[in,out] info  filled in up to its struct_size; unchanged on failure.
 *                      Its pointers are valid until the checkpoint is closed
 * @return OPT_OK; OPT_ERR_RANGE: there is no such entry; OPT_ERR_ARGUMENT: info
 *   is NULL; OPT_ERR_STRUCT
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_checkpoint_at(opt_checkpoint checkpoint,
                                                   int64_t index,
                                                   opt_entry_info* info);

/**
 * Finds an entry of a checkpoint by its name. If one of the caller's own
 * entries has the same name as another entry, the caller's is found.
 *
 * @param checkpoint  the checkpoint
 * @param name        as in opt_entry_info
 * @param[out] index  receives the index of the entry; unchanged on failure
 * @return OPT_OK; OPT_ERR_ARGUMENT: name or index is NULL; OPT_ERR_NAME: there
 *   is no such entry, and the message suggests the nearest
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_checkpoint_find(opt_checkpoint checkpoint,
                                                     const char* name,
                                                     int64_t* index);

/**
 * Reads the data of an entry and verifies them.
 *
 * @param checkpoint  the checkpoint
 * @param index       0 to the number of entries - 1 (opt_checkpoint_count())
 * @param[out] data   receives the data; may be NULL if size is 0
 * @param size        opt_entry_info.bytes of the entry
 * @return OPT_OK; OPT_ERR_RANGE: there is no such entry; OPT_ERR_ARGUMENT: data
 *   is NULL, or size is another number; OPT_ERR_IO: the message names the file
 *   and the reason; OPT_ERR_FORMAT: the checkpoint has been cut short, or its
 *   checksum says that the data are damaged, which are then in `data` as they
 *   are
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_checkpoint_read(opt_checkpoint checkpoint,
                                                     int64_t index, void* data,
                                                     int64_t size);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* OPT_OPT_STATE_H_ */
