// The app's deployed package, in an account of its own: whoever can replace it is the relay from the next start on, so the identity that the
// relay runs as has no right here, and the identity that has can do nothing else.
@description('3 to 24 lower-case letters and digits.')
@minLength(3)
@maxLength(24)
param name string

@description('Region.')
param location string

@description('On every resource.')
param tags object

@description('In a network, with a private endpoint.')
param private bool

@description('Subnet for the private endpoint; empty for no network.')
param endpointSubnetId string

@description('Zone privatelink.blob of this region\'s network; empty for no network.')
param blobZoneId string

@description('Name of the packages\' identity.')
param identityName string

@description('Principal id of the packages\' identity.')
param identityPrincipalId string

@description('Workspace for the audit log.')
param workspaceId string

var storageBlobDataContributor = 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'

resource account 'Microsoft.Storage/storageAccounts@2025-01-01' = {
  name: name
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

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2025-01-01' = {
  parent: account
  name: 'default'
  properties: {
    // A package that was replaced can be looked at afterwards.
    isVersioningEnabled: true
    deleteRetentionPolicy: {
      enabled: true
      days: 30
    }
  }
}

resource container 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-01-01' = {
  parent: blobs
  name: 'app-package'
  properties: {
    publicAccess: 'None'
  }
}

// What the platform reads the package with at a start, and writes it with when somebody deploys.
resource access 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(container.id, identityName, storageBlobDataContributor)
  scope: container
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', storageBlobDataContributor)
    principalId: identityPrincipalId
    principalType: 'ServicePrincipal'
  }
}

// Who put which package there.
resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'relay'
  scope: blobs
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

module endpoint 'privateEndpoint.bicep' = if (private) {
  name: '${name}-endpoint'
  params: {
    name: 'pe-${name}'
    location: location
    tags: tags
    subnetId: endpointSubnetId
    resourceId: account.id
    groupId: 'blob'
    zoneId: blobZoneId
  }
}

@description('The container with the package, once the packages\' identity may use it.')
output containerUri string = '${account.properties.primaryEndpoints.blob}${container.name}'
