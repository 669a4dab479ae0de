package io.openclaw.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DevKeysTest {
  @TempDir Path folder = Path.of("");

  @Test
  void keys_are_the_same_at_the_next_start_for_the_release_in_the_folder_knows_them()
      throws Exception {
    DevKeys first = new DevKeys(folder, new Random(1));
    String credit = first.of("credit").reveal();
    first.save();
    DevKeys next = new DevKeys(folder, new Random(2));
    assertThat(next.of("credit").reveal()).isEqualTo(credit);
    assertThat(next.admin().reveal()).isEqualTo(first.admin().reveal());
    assertThat(next.of("new").reveal()).isNotEqualTo(credit);
    for (Path file : new Path[] {first.tenantsFile(), first.adminFile()}) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
          .isEqualTo("rw-------");
    }
  }

  @Test
  void a_file_that_is_damaged_is_said_and_not_replaced() throws Exception {
    DevKeys first = new DevKeys(folder, new Random(1));
    first.of("credit");
    first.save();
    Files.writeString(first.tenantsFile(), "{\"credit\":\"ock_\"}");
    assertThatThrownBy(() -> new DevKeys(folder, new Random(2)))
        .hasMessageContaining("keys.json is damaged: remove the folder");
  }

  @Test
  void a_folder_is_one_processes_alone() throws Exception {
    try (FolderLock _ = FolderLock.take(folder)) {
      assertThatThrownBy(() -> FolderLock.take(folder))
          .hasMessageContaining("is in use by another process");
    }
    FolderLock.take(folder).close();
  }
}
