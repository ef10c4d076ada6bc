package io.deviceregistry.bootstrap.e2e;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.instruction.ReturnInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;

/**
 * A clock of the day that is off, for a process of its own: {@code java.time} is patched there, which is where everything
 * of the service asks for the time. Spans of time are as they are.
 */
final class OtherClock {
    private static final ClassDesc INSTANT = Instant.class.describeConstable().orElseThrow();

    private OtherClock() {}

    /**
     * Writes the patch.
     *
     * @param directory of the patch
     * @return the option of the JVM that shall have the clock
     */
    static String option(Duration offset, Path directory) {
        try (InputStream compiled = Objects.requireNonNull(Clock.class.getResourceAsStream("Clock.class"))) {
            Path patched = directory.resolve("java").resolve("time").resolve("Clock.class");
            Files.createDirectories(directory.resolve("java").resolve("time"));
            Files.write(patched, shifted(compiled.readAllBytes(), offset));
            return "--patch-module=java.base=" + directory;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Adds the offset to what {@code Clock.currentInstant}, on which all else in {@code java.time} rests, returns. */
    private static byte[] shifted(byte[] clock, Duration offset) {
        CodeTransform plus = (code, element) -> {
            if (element instanceof ReturnInstruction) {
                code.loadConstant(offset.toSeconds())
                        .invokevirtual(INSTANT, "plusSeconds", MethodTypeDesc.of(INSTANT, ConstantDescs.CD_long));
            }
            code.with(element);
        };
        ClassFile files = ClassFile.of();
        return files.transformClass(
                files.parse(clock),
                ClassTransform.transformingMethodBodies(
                        method -> method.methodName().equalsString("currentInstant"), plus));
    }
}
