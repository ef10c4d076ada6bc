package io.deviceregistry.adapter.out.postgres;

import com.fasterxml.uuid.Generators;
import com.fasterxml.uuid.impl.TimeBasedEpochGenerator;
import io.deviceregistry.domain.DeviceId;
import jakarta.inject.Singleton;
import java.util.function.Supplier;

/** Makes ids that ascend within this process, also within a millisecond: devices of one request are sent in its order. */
@Singleton
class DeviceIds implements Supplier<DeviceId> {
    private final TimeBasedEpochGenerator generator = Generators.timeBasedEpochGenerator();

    @Override
    public DeviceId get() {
        return new DeviceId(generator.generate());
    }
}
