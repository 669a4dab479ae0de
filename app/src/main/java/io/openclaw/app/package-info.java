@NullMarked
package io.openclaw.app;

import org.jspecify.annotations.NullMarked;
