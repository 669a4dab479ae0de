@NullMarked
package io.openclaw.jmh;

import org.jspecify.annotations.NullMarked;
