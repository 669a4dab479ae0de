/** ONNX models: trees and linear models rated by this program, all else by ONNX Runtime. */
@NullMarked
package io.openclaw.onnx;

import org.jspecify.annotations.NullMarked;
