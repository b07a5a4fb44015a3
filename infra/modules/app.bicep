// A Flex Consumption app on .NET 10 isolated, with the storage account its host needs and the one of its package.
@description('2 to 60 characters.')
@minLength(2)
@maxLength(60)
param name string

@description('Account for the host: 3 to 24 lower-case letters and digits.')
@minLength(3)
@maxLength(24)
param hostStorageName string

@description('Account for the deployed package: 3 to 24 lower-case letters and digits.')
@minLength(3)
@maxLength(24)
param packageStorageName string

@description('Resource id of the packages\' identity.')
param packagesIdentityId string

@description('Name of the packages\' identity.')
param packagesIdentityName string

@description('Principal id of the packages\' identity.')
param packagesPrincipalId string

@description('Region.')
param location string

@description('On every resource.')
param tags object

@description('false for a standby: deployed, stopped, not billed for execution.')
param enabled bool

@description('Resource id of the relay\'s identity.')
param identityId string

@description('Name of the relay\'s identity.')
param identityName string

@description('Client id of the relay\'s identity.')
param identityClientId string

@description('Principal id of the relay\'s identity.')
param identityPrincipalId string

@description('Host name of the Service Bus namespace.')
param busHost string

@description('Blob endpoint of the relay\'s data; ends with a slash.')
param dataEndpoint string

@description('The vault with the relay\'s own key; ends with a slash.')
param vaultUri string

@description('Topics that a directory document may name; a document that names another is refused.')
param forwardTopics array

@description('Largest envelope accepted, in bytes; bounded by the bus tier.')
param maxEnvelopeBytes int

@description('In a network, with a private endpoint for the host storage.')
param private bool

@description('More settings, by name; the ones below win.')
param otherSettings object

@description('SHA-256 of the SubjectPublicKeyInfo of each client certificate that is an operator\'s, hexadecimal or base64url.')
@maxLength(16)
param operatorCertificates array

@description('Subnet delegated to Microsoft.App/environments; empty for no network.')
param subnetId string

@description('Subnet for the private endpoint of the host storage; empty for no network.')
param endpointSubnetId string

@description('Zone privatelink.blob of this region\'s network; empty for no network.')
param blobZoneId string

@description('Instances that never go cold: objects of name (http, function:<name>) and instanceCount.')
param alwaysReady array

@description('Most instances at once.')
param maximumInstanceCount int

@description('Memory of an instance.')
param instanceMemoryMB int

@description('Where telemetry goes. Not a secret: ingestion takes tokens only.')
param applicationInsightsConnection string

@description('Workspace for logs and metrics.')
param workspaceId string

// A list in configuration is one setting per item.
var topicSettings = toObject(range(0, length(forwardTopics)), i => 'Relay__Directory__Topics__${i}', i => forwardTopics[i])
// What those who have proved nothing may, of one address and of all, in one instance: before otherSettings, which may set others.
var submissionSettings = {
  Relay__Submission__UnprovedAfter: '00:00:00.250'
  Relay__Submission__AddressPerSecond: '10'
  Relay__Submission__AddressBurst: '200'
  Relay__Submission__StrangersPerSecond: '100'
  Relay__Submission__StrangersBurst: '100'
}
var operatorSettings = toObject(range(0, length(operatorCertificates)), i => 'Relay__Operators__Certificates__${i}', i => operatorCertificates[i])
var storageBlobDataOwner = 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'

resource hostStorage 'Microsoft.Storage/storageAccounts@2025-01-01' = {
  name: hostStorageName
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: {
    name: 'Standard_ZRS'
  }
  properties: {
    accessTier: 'Hot'
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: private ? 'Disabled' : 'Enabled'
    networkAcls: {
      bypass: 'None'
      defaultAction: private ? 'Deny' : 'Allow'
    }
  }
}

resource hostBlobs 'Microsoft.Storage/storageAccounts/blobServices@2025-01-01' = {
  parent: hostStorage
  name: 'default'
  properties: {
    deleteRetentionPolicy: {
      enabled: true
      days: 7
    }
  }
}

// Who changed what of the host's.
resource hostDiagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'relay'
  scope: hostBlobs
  properties: {
    workspaceId: workspaceId
    logs: [
      {
        category: 'StorageWrite'
        enabled: true
      }
      {
        category: 'StorageDelete'
        enabled: true
      }
    ]
  }
}

// Owner, over the whole account: the host makes its own containers and leases. Nothing of the relay's is in this account, its package neither.
resource hostAccess 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(hostStorage.id, identityName, storageBlobDataOwner)
  scope: hostStorage
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', storageBlobDataOwner)
    principalId: identityPrincipalId
    principalType: 'ServicePrincipal'
  }
}

module hostEndpoint 'privateEndpoint.bicep' = if (private) {
  name: '${take(name, 46)}-host-endpoint'
  params: {
    name: 'pe-${hostStorageName}'
    location: location
    tags: tags
    subnetId: endpointSubnetId
    resourceId: hostStorage.id
    groupId: 'blob'
    zoneId: blobZoneId
  }
}

module packages 'packages.bicep' = {
  name: '${take(name, 46)}-packages'
  params: {
    name: packageStorageName
    location: location
    tags: tags
    private: private
    endpointSubnetId: endpointSubnetId
    blobZoneId: blobZoneId
    identityName: packagesIdentityName
    identityPrincipalId: packagesPrincipalId
    workspaceId: workspaceId
  }
}

resource plan 'Microsoft.Web/serverfarms@2025-03-01' = {
  name: 'plan-${name}'
  location: location
  tags: tags
  kind: 'functionapp'
  sku: {
    name: 'FC1'
    tier: 'FlexConsumption'
  }
  properties: {
    reserved: true
    // The ledger and the bus are zone-redundant; an app that loses its zone is started again in another.
    zoneRedundant: false
  }
}

resource site 'Microsoft.Web/sites@2025-03-01' = {
  name: name
  location: location
  tags: tags
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identityId}': {}
      '${packagesIdentityId}': {}
    }
  }
  properties: {
    enabled: enabled
    serverFarmId: plan.id
    httpsOnly: true
    // Asks browsers for a certificate only when the app does, and hands the app what a client sent: delegations authenticate by it, submitting needs none.
    clientCertEnabled: true
    clientCertMode: 'OptionalInteractiveUser'
    virtualNetworkSubnetId: private ? subnetId : null
    outboundVnetRouting: private ? {
      allTraffic: true
    } : null
    siteConfig: {
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
      ftpsState: 'Disabled'
      http20Enabled: true
    }
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: packages.outputs.containerUri
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: packagesIdentityId
          }
        }
      }
      runtime: {
        name: 'dotnet-isolated'
        version: '10.0'
      }
      scaleAndConcurrency: {
        instanceMemoryMB: instanceMemoryMB
        maximumInstanceCount: maximumInstanceCount
        alwaysReady: alwaysReady
      }
    }
  }
  dependsOn: [
    hostAccess
    hostEndpoint
  ]
}

// Runtime, worker and package settings are in functionAppConfig; Flex refuses their old setting names.
resource settings 'Microsoft.Web/sites/config@2025-03-01' = {
  parent: site
  name: 'appsettings'
  properties: union(submissionSettings, otherSettings, topicSettings, operatorSettings, {
    AzureWebJobsStorage__accountName: hostStorage.name
    AzureWebJobsStorage__credential: 'managedidentity'
    AzureWebJobsStorage__clientId: identityClientId
    // Read by host and worker alike: each sends its own half of a trace.
    APPLICATIONINSIGHTS_CONNECTION_STRING: applicationInsightsConnection
    APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityClientId};Authorization=AAD'
    ServiceBus__fullyQualifiedNamespace: busHost
    ServiceBus__credential: 'managedidentity'
    ServiceBus__clientId: identityClientId
    Relay__Directory__ContainerUri: '${dataEndpoint}directory'
    Relay__Ledger__ContainerUri: '${dataEndpoint}ledger'
    Relay__Ledger__VaultUri: vaultUri
    Relay__Operators__Log__ContainerUri: '${dataEndpoint}operators'
    // How long a revoked key goes on verifying, at most.
    Relay__KeyVault__KeyMaxAge: '00:05:00'
    Relay__Envelope__MaxBytes: string(maxEnvelopeBytes)
    // Goes with clientCertEnabled above: the front end then writes the header that the app reads a caller's certificate from.
    Relay__Callers__FrontEndCertificates: 'true'
  })
}

// Deployment goes through Entra; the basic credentials that every site is born with are switched off.
resource noFtp 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2025-03-01' = {
  parent: site
  name: 'ftp'
  properties: {
    allow: false
  }
}

resource noScm 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2025-03-01' = {
  parent: site
  name: 'scm'
  properties: {
    allow: false
  }
}

resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'relay'
  scope: site
  properties: {
    workspaceId: workspaceId
    logs: [
      {
        category: 'FunctionAppLogs'
        enabled: true
      }
    ]
    metrics: [
      {
        category: 'AllMetrics'
        enabled: true
      }
    ]
  }
}

@description('Name of the app.')
output name string = site.name

@description('Host name of the app.')
output host string = site.properties.defaultHostName
