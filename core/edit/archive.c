#include "edit/archive.h"

#include <minizip/unzip.h>
#include <string.h>

/* A stream over bytes in memory, for minizip's table of file functions. */
struct memory {
	struct ce_bytes bytes;
	size_t at;
};

static voidpf ZCALLBACK
memory_open(voidpf opaque, const void *name, int mode)
{
	(void)name;
	bool writes = (mode & ZLIB_FILEFUNC_MODE_READWRITEFILTER) != ZLIB_FILEFUNC_MODE_READ;
	return writes ? NULL : opaque;
}

static uLong ZCALLBACK
memory_read(voidpf opaque, voidpf stream, void *buffer, uLong size)
{
	struct memory *memory = stream;
	(void)opaque;
	size_t left = memory->bytes.size - memory->at;
	size_t count = size < left ? size : left;
	if (count > 0)
		memcpy(buffer, memory->bytes.data + memory->at, count);
	memory->at += count;
	return count;
}

static uLong ZCALLBACK
memory_write(voidpf opaque, voidpf stream, const void *buffer, uLong size)
{
	(void)opaque;
	(void)stream;
	(void)buffer;
	(void)size;
	return 0;
}

static ZPOS64_T ZCALLBACK
memory_tell(voidpf opaque, voidpf stream)
{
	(void)opaque;
	return ((struct memory *)stream)->at;
}

static long ZCALLBACK
memory_seek(voidpf opaque, voidpf stream, ZPOS64_T offset, int origin)
{
	struct memory *memory = stream;
	(void)opaque;
	size_t from = origin == ZLIB_FILEFUNC_SEEK_SET ? 0 : origin == ZLIB_FILEFUNC_SEEK_CUR ? memory->at : memory->bytes.size;
	if (offset > memory->bytes.size - from)
		return -1;

	memory->at = from + (size_t)offset;
	return 0;
}

static int ZCALLBACK
memory_close(voidpf opaque, voidpf stream)
{
	(void)opaque;
	(void)stream;
	return 0;
}

static int ZCALLBACK
memory_error(voidpf opaque, voidpf stream)
{
	(void)opaque;
	(void)stream;
	return 0;
}

static void
close_archive(unzFile *archive)
{
	if (*archive)
		(void)unzClose(*archive); /* only read from */
}

/* The current member to its end. minizip compares the checksum when it is closed, but only if the
 * member has the size that the directory of the archive gives, so that is compared here. */
static int
read_member(unzFile archive, const char *member, size_t limit, struct ce_buf *ret_bytes, struct ce_error *err)
{
	unz_file_info64 info = { 0 };
	if (unzGetCurrentFileInfo64(archive, &info, NULL, 0, NULL, 0, NULL, 0) != UNZ_OK
	    || unzOpenCurrentFile(archive) != UNZ_OK)
		return ce_fail(err, CE_ERR_INVALID, "the archive's member '%s' is damaged or of an unknown kind", member);

	unsigned char chunk[4096];
	int got = 0;
	int rc = CE_OK;
	while (rc >= 0 && (got = unzReadCurrentFile(archive, chunk, sizeof(chunk))) > 0) {
		if ((size_t)got > limit - ret_bytes->size)
			rc = ce_fail(err, CE_ERR_LIMIT, "the archive's member '%s' is larger than %zu bytes", member, limit);
		else
			rc = ce_buf_add(ret_bytes, chunk, (size_t)got, err);
	}
	int closed = unzCloseCurrentFile(archive);
	if (rc >= 0 && (got < 0 || closed != UNZ_OK || ret_bytes->size != info.uncompressed_size))
		return ce_fail(err, CE_ERR_INVALID, "the archive's member '%s' is damaged", member);
	return rc;
}

int
ce_archive_member(struct ce_bytes bytes, const char *member, size_t limit, struct ce_buf *ret_bytes,
	struct ce_error *err)
{
	struct memory memory = { bytes, 0 };
	zlib_filefunc64_def functions = { memory_open, memory_read, memory_write, memory_tell, memory_seek, memory_close,
		memory_error, &memory };
	CE_CLEANUP(close_archive) unzFile archive = unzOpen2_64("memory", &functions);
	if (!archive)
		return ce_fail(err, CE_ERR_INVALID, "the file is no zip archive");
	if (unzLocateFile(archive, member, 1) != UNZ_OK)
		return ce_fail(err, CE_ERR_NOT_FOUND, "the archive has no member '%s'", member);

	CE_CLEANUP(ce_buf_release) struct ce_buf content = CE_BUF_INIT;
	int rc = read_member(archive, member, limit, &content, err);
	return rc < 0 ? rc : ce_buf_add(ret_bytes, content.data, content.size, err);
}
