// What the relay keeps: directory, ledger, prekeys. The host's own storage is apart (app.bicep), because the host needs rights over a
// whole account and must not have them here.
@description('3 to 24 lower-case letters and digits.')
@minLength(3)
@maxLength(24)
param name string

@description('Region.')
param location string

@description('On every resource.')
param tags object

@description('Copies across zones, or across zones and a second region.')
@allowed(['Standard_ZRS', 'Standard_GZRS'])
param redundancy string

@description('Reachable from outside the network.')
param publicAccess bool

@description('Days that versions in immutable containers are fixed; 0 for none.')
param ledgerImmutabilityDays int

@description('Days that a deleted blob, container or old version is kept.')
param recoveryDays int

@description('containers of topology.json.')
param containers array

@description('Workspace for the audit log.')
param workspaceId string

var immutable = ledgerImmutabilityDays > 0
// An old version may go only when nothing can need it: after recovery, and after immutability has let go of it.
var versionDays = max(recoveryDays, ledgerImmutabilityDays)

resource account 'Microsoft.Storage/storageAccounts@2025-01-01' = {
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: {
    name: redundancy
  }
  properties: {
    accessTier: 'Hot'
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: publicAccess ? 'Enabled' : 'Disabled'
    networkAcls: {
      bypass: 'None'
      defaultAction: publicAccess ? 'Allow' : 'Deny'
    }
  }
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2025-01-01' = {
  parent: account
  name: 'default'
  properties: {
    // A head overwritten by a fault or by malice can be read as it was before.
    isVersioningEnabled: true
    deleteRetentionPolicy: {
      enabled: true
      days: recoveryDays
    }
    containerDeleteRetentionPolicy: {
      enabled: true
      days: recoveryDays
    }
  }
}

// Version-level, not container-level: under a container-level policy the head, which every commit overwrites, could not be written.
resource blobContainers 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-01-01' = [for container in containers: {
  parent: blobs
  name: container.name
  properties: {
    publicAccess: 'None'
    immutableStorageWithVersioning: immutable && container.immutable ? {
      enabled: true
    } : null
  }
}]

resource immutability 'Microsoft.Storage/storageAccounts/blobServices/containers/immutabilityPolicies@2025-01-01' = [for (container, i) in containers: if (immutable && container.immutable) {
  parent: blobContainers[i]
  name: 'default'
  properties: {
    immutabilityPeriodSinceCreationInDays: ledgerImmutabilityDays
    // The stream indexes grow by appended blocks.
    allowProtectedAppendWrites: true
  }
}]

// Every commit leaves the head's previous version behind; without this they would be most of the bill.
resource lifecycle 'Microsoft.Storage/storageAccounts/managementPolicies@2025-01-01' = {
  parent: account
  name: 'default'
  properties: {
    policy: {
      rules: [
        {
          name: 'expire-old-versions'
          enabled: true
          type: 'Lifecycle'
          definition: {
            filters: {
              blobTypes: ['blockBlob']
            }
            actions: {
              version: {
                delete: {
                  daysAfterCreationGreaterThan: versionDays
                }
              }
            }
          }
        }
      ]
    }
  }
  dependsOn: [blobs]
}

resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'relay'
  scope: blobs
  properties: {
    workspaceId: workspaceId
    logs: [
      {
        categoryGroup: 'audit'
        enabled: true
      }
    ]
    metrics: [
      {
        category: 'Transaction'
        enabled: true
      }
    ]
  }
}

@description('Resource id.')
output id string = account.id

@description('Name of the account, once its containers exist.')
output name string = account.name

@description('Ends with a slash.')
output blobEndpoint string = account.properties.primaryEndpoints.blob
