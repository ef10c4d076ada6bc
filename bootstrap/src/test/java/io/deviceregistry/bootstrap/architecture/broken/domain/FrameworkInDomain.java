package io.deviceregistry.bootstrap.architecture.broken.domain;

import jakarta.inject.Singleton;

@Singleton
class FrameworkInDomain {}
