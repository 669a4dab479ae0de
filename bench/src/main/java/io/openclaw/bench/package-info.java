@NullMarked
package io.openclaw.bench;

import org.jspecify.annotations.NullMarked;
