package io.deviceregistry.bootstrap.architecture.broken.application.port.out;

import io.deviceregistry.bootstrap.architecture.broken.application.service.FrameworkInApplication;

interface PortKnowsService {
    FrameworkInApplication service();
}
