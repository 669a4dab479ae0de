package io.openclaw.app;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/** A file whose disk fills up, fails to sync, or takes its time. */
final class FaultyChannel extends FileChannel {
  private final FileChannel file;
  final AtomicInteger syncs = new AtomicInteger();

  /** Each sync takes one. */
  final Semaphore mayStartSyncing = new Semaphore(Integer.MAX_VALUE);

  volatile long bytesMax = Long.MAX_VALUE;
  volatile boolean syncFails;
  volatile boolean truncateFails;

  FaultyChannel(FileChannel file) {
    this.file = file;
  }

  @Override
  public int write(ByteBuffer from, long position) throws IOException {
    if (position >= bytesMax) {
      throw new IOException("No space left on device");
    }
    int fits = (int) Math.min(from.remaining(), bytesMax - position);
    int written = file.write(from.slice(from.position(), fits), position);
    from.position(from.position() + written);
    return written;
  }

  @Override
  public void force(boolean metaData) throws IOException {
    mayStartSyncing.acquireUninterruptibly();
    syncs.incrementAndGet();
    if (syncFails) {
      throw new IOException("Input/output error");
    }
    file.force(metaData);
  }

  @Override
  public FileChannel truncate(long size) throws IOException {
    if (truncateFails) {
      throw new IOException("Input/output error");
    }
    file.truncate(size);
    return this;
  }

  @Override
  public int read(ByteBuffer into) throws IOException {
    return file.read(into);
  }

  @Override
  public long read(ByteBuffer[] into, int offset, int length) throws IOException {
    return file.read(into, offset, length);
  }

  @Override
  public int read(ByteBuffer into, long position) throws IOException {
    return file.read(into, position);
  }

  @Override
  public int write(ByteBuffer from) throws IOException {
    return file.write(from);
  }

  @Override
  public long write(ByteBuffer[] from, int offset, int length) throws IOException {
    return file.write(from, offset, length);
  }

  @Override
  public long position() throws IOException {
    return file.position();
  }

  @Override
  public FileChannel position(long position) throws IOException {
    file.position(position);
    return this;
  }

  @Override
  public long size() throws IOException {
    return file.size();
  }

  @Override
  public long transferTo(long position, long count, WritableByteChannel target) throws IOException {
    return file.transferTo(position, count, target);
  }

  @Override
  public long transferFrom(ReadableByteChannel source, long position, long count)
      throws IOException {
    return file.transferFrom(source, position, count);
  }

  @Override
  public MappedByteBuffer map(MapMode mode, long position, long size) throws IOException {
    return file.map(mode, position, size);
  }

  @Override
  public FileLock lock(long position, long size, boolean shared) throws IOException {
    return file.lock(position, size, shared);
  }

  @Override
  public FileLock tryLock(long position, long size, boolean shared) throws IOException {
    return file.tryLock(position, size, shared);
  }

  @Override
  protected void implCloseChannel() throws IOException {
    file.close();
  }
}
