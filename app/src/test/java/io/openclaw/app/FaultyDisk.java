package io.openclaw.app;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A disk all of whose files fail to sync, or are full, from one moment to another. */
final class FaultyDisk implements FileLog.Disk {
  private final List<FaultyChannel> opened = new ArrayList<>();
  private boolean syncFails;
  private long bytesMax = Long.MAX_VALUE;

  @Override
  public synchronized FileChannel open(Path file) throws IOException {
    FaultyChannel channel = new FaultyChannel(FileLog.channel(file));
    opened.add(channel);
    channel.syncFails = syncFails;
    channel.bytesMax = bytesMax;
    return channel;
  }

  /** Whether every sync fails from now on. */
  synchronized void syncFails(boolean fails) {
    syncFails = fails;
    opened.forEach(channel -> channel.syncFails = fails);
  }

  /** How long a file may be from now on. */
  synchronized void bytesMax(long bytes) {
    bytesMax = bytes;
    opened.forEach(channel -> channel.bytesMax = bytes);
  }

  /** Files opened so far. */
  synchronized int files() {
    return opened.size();
  }
}
